import { watchLog } from './agent-log.ts'
import { finishing, loop } from './ending.ts'
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
export function supervisor({ timeouts }: LinuxBootstrap): string {
  return `. /run/agentctl/lib.sh
[ ! -e "$own/proxy.sh" ] || . "$own/proxy.sh"
. "$own/settings"
agent_seconds=${seconds(timeouts.agentMs)}
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
  # Asked to stop before there was anybody to tell.
  [ -z "$is_stopping" ] || kill -TERM "$pid" 2>/dev/null
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
