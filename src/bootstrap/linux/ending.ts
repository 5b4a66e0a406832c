/**
 * bash: `finish REASON DETAIL`. The reason is the hook's word, else the agent's log; a soft stop or a spot notice is the cause that counts, with
 * the agent's word beside it. A failure on a pool that holds failures keeps the machine first.
 */
export const finishing = `first_line() { head -n 1 "$1" 2>/dev/null | LC_ALL=C tr -cd '[:print:]'; }
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
  if [ -s "$own/hold" ] && [ -z "$is_stopping" ] && has_failed "$reason"; then
    end_after_hold "$reason" "$(masked "$detail")"
    mark power-off
  else
    mark power-off
    end "$reason" "$(masked "$detail")"
  fi
  exit 0
}

has_failed() {
  [ "$1" = agent-failed ] || [ -e "$own/job-failed" ] || [ "$(first_line "$run/job-result")" = failed ]
}

show_log() {
  tail -n 12 /var/log/agentctl/agent.log 2>/dev/null | while IFS= read -r line; do
    line=$(masked "$line" | LC_ALL=C tr -cd '[:print:]')
    say "log \${line:0:200}"
  done
}
`

/** bash: one run of the agent after the other, until its end says that there is to be none. */
export const loop = `end_of_run() {
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
