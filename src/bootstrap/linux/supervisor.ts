import { watchLog } from './agent-log.ts'
import { seconds } from './places.ts'
import type { LinuxBootstrap } from './types.ts'

/**
 * bash, run as root as the unit's main process. It alone holds config.yml, in a variable that is not exported.
 *
 * Each run of the agent reads it from a FIFO that only the agent's user may open, once, before it registers; a file
 * where there can be no FIFO, removed as soon as the agent says that it registers. Registration that is refused is
 * tried again with jitter until the agent's deadline. The last of it prints why the agent ended; the unit's
 * `SuccessAction` powers the machine off.
 * Source of the agent's exits: agent pkg/listener/listener.go and job_processor.go, v2.4.0, 2026-02.
 */
export function supervisor({ timeouts, hold }: LinuxBootstrap): string {
  return `. /run/agentctl/lib.sh
[ ! -e "$own/proxy.sh" ] || . "$own/proxy.sh"
. "$own/settings"
agent_seconds=${seconds(timeouts.agentMs)}
hold_seconds=${seconds(hold?.forMs ?? 0)}
IFS= read -r -d '' config <"$own/config"
rm -f "$own/config"
token=\${config#*token: \\"}
token=\${token%%\\"*}
cd "$home" 2>/dev/null || cd /
unset INVOCATION_ID JOURNAL_STREAM SYSTEMD_EXEC_PID
${watchLog}
${stopping}
${runAgent}
${finishing}
${loop}`
}

/** What the supervisor needs of the set-up, as shell variables; none of it is secret. */
export const settings = ['agent', 'user', 'home', 'uid', 'gid']
  .map(name => `printf '%s=%q\\n' ${name} "$${name}"`)
  .join('\n')

const stopping = `pid=
is_stopping=
is_late=
trap 'is_stopping=1; [ -z "$pid" ] || kill -TERM "$pid" 2>/dev/null' TERM INT
# An agent that has registered in this very moment leaves in good order by SIGTERM.
late() {
  is_late=1
  [ -e "$own/registered" ] || [ -z "$pid" ] || kill "-$1" "$pid" 2>/dev/null
}
trap 'late TERM' USR1
trap 'late KILL' USR2
main=$$
(sleep "$agent_seconds"; kill -USR1 "$main"; sleep 30; kill -USR2 "$main") </dev/null >/dev/null 2>&1 &
timer=$!
watcher_of_spot=
if [ -e "$own/spot" ]; then
  bash "$own/spot" "$main" </dev/null >/dev/null 2>&1 &
  watcher_of_spot=$!
fi
`

const runAgent = `give_config() {
  rm -f "$run/config.yml"
  writer=
  if mkfifo -m 600 "$run/config.yml" 2>/dev/null; then
    chown "$uid:$gid" "$run/config.yml"
    printf '%s' "$config" >"$run/config.yml" &
    writer=$!
  else
    (umask 077; printf '%s' "$config" >"$run/config.yml")
    chown "$uid:$gid" "$run/config.yml"
  fi
}

run_agent() {
  local writer watcher status again
  rm -f "$own/unregistered" "$own/refused" "$own/log"
  give_config
  mkfifo -m 600 "$own/log" 2>/dev/null || python3 -c 'import os, sys; os.mkfifo(sys.argv[1], 0o600)' "$own/log"
  watch_log <"$own/log" &
  watcher=$!
  HOME=$home USER=$user LOGNAME=$user SHELL=/bin/bash SEMAPHORE_AGENT_LOG_FILE_PATH=/var/log/agentctl/agent.log \\
    setpriv --reuid="$uid" --regid="$gid" --init-groups \\
    "$agent" start --config-file "$run/config.yml" </dev/null >"$own/log" 2>&1 &
  pid=$!
  mark agent-started
  while :; do
    wait "$pid"
    status=$?
    kill -0 "$pid" 2>/dev/null || break
  done
  # A signal of our own may have ended the wait in the moment the agent did.
  if [ "$status" -gt 128 ]; then
    wait "$pid" 2>/dev/null
    again=$?
    [ "$again" = 127 ] || status=$again
  fi
  pid=
  [ -z "$writer" ] || kill "$writer" 2>/dev/null
  # A job's daemon may hold the log open: what the agent itself wrote is read by now.
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    kill -0 "$watcher" 2>/dev/null || break
    sleep 0.1
  done
  kill "$watcher" 2>/dev/null
  rm -f "$run/config.yml"
  return "$status"
}
`

/**
 * The reason is the hook's word, else the agent's log; a soft stop or a spot notice is the cause that counts, with
 * the agent's word beside it. A failure on a pool that holds failures keeps the machine first.
 */
const finishing = `first_line() { head -n 1 "$1" 2>/dev/null | LC_ALL=C tr -cd '[:print:]'; }
word() { printf '%s' "$1" | LC_ALL=C tr 'A-Z_' 'a-z-' | LC_ALL=C tr -cd 'a-z-' | cut -c 1-40; }

finish() {
  local reason=$1 detail=$2 cause
  kill "$timer" $watcher_of_spot 2>/dev/null
  cause=$(first_line "$own/stop-cause")
  if [ -n "$cause" ]; then
    detail="\${cause#* }; the agent's end: $reason, $detail"
    reason=\${cause%% *}
  fi
  [ ! -s "$run/hook-result" ] || detail="$detail; $(first_line "$run/hook-result")"
  case $reason in
    agent-failed | agent-timeout | refused | unable-to-sync) show_log ;;
  esac
  hold_failure "$reason"
  mark power-off
  end "$reason" "$(masked "$detail")"
  exit 0
}

hold_failure() {
  [ "$hold_seconds" -gt 0 ] && [ -z "$is_stopping" ] || return 0
  [ "$1" = agent-failed ] || [ "$(first_line "$run/job-result")" = failed ] || return 0
  mark held
  say "held for $hold_seconds s, as the job or its agent failed ($1)"
  sleep "$hold_seconds" &
  wait $!
}

show_log() {
  tail -n 12 /var/log/agentctl/agent.log 2>/dev/null | while IFS= read -r line; do
    line=$(masked "$line" | LC_ALL=C tr -cd '[:print:]')
    say "log \${line:0:200}"
  done
}
`

const loop = `end_of_run() {
  local status=$1 said
  if [ -s "$run/reason" ]; then
    mark agent-ended
    finish "$(word "$(first_line "$run/reason")")" "exit=$status"
  fi
  if [ -s "$own/said" ]; then
    mark agent-ended
    finish "$(word "$(first_line "$own/said")")" "exit=$status; agentctl's own shutdown hook did not run"
  fi
  if [ -e "$own/registered" ]; then finish agent-failed "the agent ended without its hook, exit=$status"; fi
  if [ -n "$is_stopping" ]; then finish interrupted 'asked to stop before it had registered'; fi
  said=$(cat "$own/refused" "$own/was-refused" 2>/dev/null | head -n 1)
  if [ -n "$is_late" ]; then
    if [ -n "$said" ]; then finish refused "$said"; fi
    finish agent-timeout "not registered within $agent_seconds s: $(first_line "$own/unregistered")"
  fi
  if [ -z "$said" ] && [ ! -e "$own/unregistered" ]; then
    finish agent-failed "the agent did not start, exit=$status: $(tail -n 1 /var/log/agentctl/agent.log 2>/dev/null)"
  fi
  if [ -e "$own/refused" ]; then mv "$own/refused" "$own/was-refused"; fi
}

while :; do
  if [ -n "$is_stopping" ]; then finish interrupted 'asked to stop before it had registered'; fi
  run_agent
  end_of_run $?
  mark agent-refused
  sleep $((1 + RANDOM % 5)).$((RANDOM % 10)) &
  wait $!
done
`
