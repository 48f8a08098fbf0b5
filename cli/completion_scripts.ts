/** Shells that can be taught to complete. */
export const SHELLS = ["bash", "zsh", "fish"] as const;
/** One of {@linkcode SHELLS}. */
export type Shell = typeof SHELLS[number];

/** The hidden command that a script asks: what may the last of the words be? */
export const COMPLETE_COMMAND = "__complete";

/** What teaches a shell: it asks the command itself, which knows its options, sets and snapshots. */
export const COMPLETION_SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# source <(backup-my-bucket completions bash)
_backup_my_bucket() {
  local IFS=$'\\n'
  COMPREPLY=($(backup-my-bucket ${COMPLETE_COMMAND} -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _backup_my_bucket backup-my-bucket
`,
  zsh: `#compdef backup-my-bucket
# source <(backup-my-bucket completions zsh)
_backup_my_bucket() {
  local -a candidates
  candidates=("\${(@f)$(backup-my-bucket ${COMPLETE_COMMAND} -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  candidates=(\${candidates:#})
  if (( \${#candidates} )); then compadd -- $candidates; else _files; fi
}
compdef _backup_my_bucket backup-my-bucket
`,
  fish: `# backup-my-bucket completions fish | source
complete -c backup-my-bucket -a '(backup-my-bucket ${COMPLETE_COMMAND} -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
`,
};
