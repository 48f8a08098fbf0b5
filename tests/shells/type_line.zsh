# Types a line into an interactive zsh in a terminal of its own, and prints what the terminal
# shows until a text appears:
#
#   zsh -f type_line.zsh SETUP TYPED EXPECTED
#
# SETUP is run first. Ends with 1 when EXPECTED does not appear in time.
zmodload zsh/zpty zsh/datetime
export TERM=dumb
readonly seconds=30
shown=

# wait_for TEXT: until the terminal shows it.
wait_for() {
  local text=$1 chunk
  local -F deadline=$(( EPOCHREALTIME + seconds ))
  while [[ $shown != *"$text"* ]]; do
    (( EPOCHREALTIME < deadline )) || return 1
    zpty -r -t shell chunk && shown+=$chunk || sleep 0.05
  done
}

zpty -b shell zsh -f -i
# The terminal echoes what is typed, so the prompt must not stand in it as it will be shown.
zpty -w shell "$1; PS1='IS''READY> '"
wait_for 'ISREADY> ' || { print -r -- "not ready: $shown"; exit 1 }
shown=
zpty -w -n shell "$2"$'\t'
wait_for "$3" && result=0 || result=1
print -r -- "$shown"
zpty -d shell
exit $result
