#!/usr/bin/env bash
# A Ceph object gateway (RGW) of one node on loopback: an S3 server that is not ours, to hold the
# emulator and the product against.
#
#   ceph_rgw.sh start DIR PORT MONITOR_PORT   starts a new cluster in DIR, gone or empty before
#   ceph_rgw.sh stop  DIR                     stops it and removes DIR
#
# Region us-east-1, path-style addressing, access key "test", secret "testtest". Objects live in
# memory. Run as root on Debian; tests/rgw/run.ts names the packages.
set -euo pipefail

readonly DAEMON_STOP_SECONDS=10
readonly DISK_START_ATTEMPTS=5
readonly GATEWAY_START_SECONDS=60

write_configuration() {
  cat <<END
[global]
fsid = $1
mon host = [v1:127.0.0.1:$monitor_port]
mon initial members = a
public addr = 127.0.0.1
ms bind msgr2 = false
ms bind ipv4 = true
ms bind ipv6 = false
# Only this machine can reach it, so it keeps no keys of its own.
auth cluster required = none
auth service required = none
auth client required = none
auth allow insecure global id reclaim = true
# One disk, which is memory: every object once.
mon allow pool size one = true
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pgp num = 8
osd crush chooseleaf type = 0
# The monitor would stop on a machine whose disk is nearly full.
mon data avail crit = 1
run dir = $dir/run
pid file = $dir/run/\$name.pid
admin socket = $dir/run/\$name.asok
log file = $dir/log/\$name.log
[mon]
mon data = $dir/mon
[mgr]
mgr data = $dir/mgr
[osd]
osd data = $dir/osd
osd objectstore = memstore
memstore device bytes = 4294967296
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:$port
rgw data = $dir/rgw
END
}

# Runs a program that goes to the background, without our caller's pipes.
daemon() { "$@" -c "$configuration" >>"$dir/log/daemons.log" 2>&1 </dev/null; }

start() {
  [ -z "$(ls -A "$dir" 2>/dev/null)" ] || { echo "$dir is not empty" >&2; exit 1; }
  mkdir -p "$dir"/{mon,mgr,osd,rgw,run,log}
  local cluster disk disk_number
  cluster=$(cat /proc/sys/kernel/random/uuid)
  disk=$(cat /proc/sys/kernel/random/uuid)
  write_configuration "$cluster" >"$configuration"

  monmaptool --create --fsid "$cluster" --addv a "[v1:127.0.0.1:$monitor_port]" \
    "$dir/monmap" >>"$dir/log/daemons.log"
  daemon ceph-mon -i a --mkfs --monmap "$dir/monmap"
  daemon ceph-mon -i a
  disk_number=$(timeout 60 ceph -c "$configuration" osd new "$disk")
  daemon ceph-osd -i "$disk_number" --mkfs --osd-uuid "$disk" --no-mon-config
  start_disk "$disk_number"
  daemon ceph-mgr -i x
  timeout 120 radosgw-admin -c "$configuration" user create --uid=test --display-name=test \
    --access-key=test --secret-key=testtest >>"$dir/log/daemons.log"
  daemon radosgw -n client.rgw
  await_gateway
}

# A disk may speak to the monitor before it has learned the cluster's id, be refused for a "wrong
# fsid", and end. The next attempt finds the id.
start_disk() {
  local attempt
  for ((attempt = 1; attempt <= DISK_START_ATTEMPTS; attempt++)); do
    daemon ceph-osd -i "$1" && return
    sleep 0.5
  done
  echo "ceph-osd did not start in $DISK_START_ATTEMPTS attempts" >&2
  exit 1
}

await_gateway() {
  local deadline=$((SECONDS + GATEWAY_START_SECONDS))
  until gateway_answers; do
    if [ $SECONDS -ge $deadline ]; then
      echo "radosgw did not answer on port $port within $GATEWAY_START_SECONDS s" >&2
      exit 1
    fi
    sleep 0.2
  done
}

# A daemon says only in its log why it would not start.
explain() { [ "$1" -eq 0 ] || tail -n 20 "$dir"/log/*.log >&2; }

gateway_answers() (
  exec 3<>"/dev/tcp/127.0.0.1/$port" || exit 1
  printf 'GET / HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n' >&3
  IFS= read -r -t 5 line <&3 && [[ $line == *" 200 "* ]]
) 2>/dev/null

# A process id may be another program's by now: it is ours if its command line names our directory.
is_ours() { tr '\0' ' ' 2>/dev/null <"/proc/$1/cmdline" | grep -qF -- "$configuration"; }

stop() {
  local file pid pids=() deadline=$((SECONDS + DAEMON_STOP_SECONDS))
  for file in "$dir"/run/*.pid; do
    [ -e "$file" ] && pid=$(cat "$file") && is_ours "$pid" && pids+=("$pid")
  done
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do
    while is_ours "$pid"; do
      [ $SECONDS -lt $deadline ] || kill -KILL "$pid" 2>/dev/null || true
      sleep 0.1
    done
  done
  rm -rf "$dir"
}

verb=${1:?start or stop}
dir=$(realpath -m "${2:?a directory}")
configuration=$dir/ceph.conf
case $verb in
  start)
    port=${3:?a port} monitor_port=${4:?a second port}
    trap 'explain $?' EXIT
    start
    ;;
  stop) stop ;;
  *) echo "ceph_rgw.sh: start or stop, not $verb" >&2 && exit 2 ;;
esac
