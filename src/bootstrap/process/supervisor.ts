/**
 * The part of a `process` guest's script that is the same for all.
 *
 * The agent reads its settings from a FIFO, once a run, before it registers: no file with the token is left behind.
 * It exits with 1 for a refused registration and for much else, so its log decides: "failed to register agent", with
 * the hub's words, means that it was refused; it is then run again with jitter until `agent_seconds` are over.
 * "Starting to poll for jobs" means that it has registered. The shutdown hook writes down why the agent leaves.
 * "Regular commands finished with failure" means that the job failed, also where it took its shell down with it.
 * Source: agent pkg/listener/listener.go and job_processor.go, pkg/jobs/job.go, v2.4.0, 2026-02.
 */
export const supervisor = String.raw`
exec 3<&-
run=$AGENTCTL_RUN
started=$(date +%s%N)
case $started in *N) started=$(date +%s)000000000 ;; esac

mark() {
  local now ms
  now=$(date +%s%N)
  case $now in *N) now=$(date +%s)000000000 ;; esac
  ms=$(((now - started) / 1000000 + ${'$'}{2:-0} * 1000))
  printf 'agentctl: phase=%s t=%d.%03d\n' "$1" $((ms / 1000)) $((ms % 1000))
}

finish() {
  local is_held=
  if [ "$hold_seconds" -gt 0 ] && [ -z "$is_stopping" ] && { [ "$1" = agent-failed ] || [ -e "$run/job-failed" ]; }; then
    is_held=1
    mark held
    mark hold-ends "$hold_seconds"
  else
    mark power-off
  fi
  printf 'agentctl: end reason=%s %s\n' "$1" "$2"
  if [ -n "$is_held" ]; then
    sleep "$hold_seconds" &
    wait $!
    mark power-off
  fi
  exit 0
}

mark booted
if [ -z "$own" ]; then
  finish agent-failed "user data has no unit $AGENTCTL_UNIT_INDEX"
fi

cat >"$run/shutdown-hook" <<'EOF'
printf '%s\n' "$SEMAPHORE_AGENT_SHUTDOWN_REASON" >"$AGENTCTL_RUN/reason"
[ -n "$AGENTCTL_SHUTDOWN_HOOK" ] || exit 0
if command -v timeout >/dev/null; then exec timeout -k 5 "$AGENTCTL_HOOK_SECONDS" bash "$AGENTCTL_SHUTDOWN_HOOK"; fi
exec bash "$AGENTCTL_SHUTDOWN_HOOK"
EOF
config="$common$own"$'shutdown-hook-path: "'"$run/shutdown-hook"$'"\n'
unset common own

watch_log() {
  local line
  while IFS= read -r line; do
    printf '%s\n' "$line"
    case $line in
      *'Starting to poll for jobs'*)
        : >"$run/registered"
        mark agent-registered
        ;;
      *'Regular commands finished with failure'*) : >"$run/job-failed" ;;
      *'job not available'* | *quota* | *register*' 429'* | *"can't be registered"*) printf '%s\n' "$line" >"$run/refused" ;;
      *'[Register] attempt'*EOF* | *'[Register] attempt'*'connection reset'* | *'[Register] attempt'*[Tt]imeout*)
        echo 'an earlier registration got no answer: the hub may have taken it, and then fails the job' >"$run/unanswered"
        ;;
      *'failed to register agent'*) printf '%s\n' "$line" >"$run/unregistered" ;;
    esac
  done
}

pid=
is_stopping=
is_late=
trap 'is_stopping=1; [ -z "$pid" ] || kill -TERM "$pid" 2>/dev/null' TERM INT
# SIGTERM, for an agent that has registered in this very moment leaves in good order by it.
late() {
  is_late=1
  [ -e "$run/registered" ] || [ -z "$pid" ] || kill "-$1" "$pid" 2>/dev/null
}
trap 'late TERM' USR1
trap 'late KILL' USR2
main=$$
(sleep "$agent_seconds"; kill -USR1 "$main"; sleep 30; kill -USR2 "$main") </dev/null >/dev/null 2>&1 &
timer=$!

export AGENTCTL_SHUTDOWN_HOOK="$user_hook" AGENTCTL_HOOK_SECONDS="$hook_seconds"
export SEMAPHORE_AGENT_LOG_FILE_PATH="$run/agent.log"

run_agent() {
  rm -f "$run/config.yml" "$run/unregistered" "$run/refused"
  mkfifo -m 600 "$run/config.yml"
  (printf '%s' "$config" >"$run/config.yml") &
  local writer=$! status
  mkfifo -m 600 "$run/log" 2>/dev/null
  watch_log <"$run/log" &
  local watcher=$!
  "${'$'}{agent[@]}" start --config-file "$run/config.yml" >"$run/log" 2>&1 &
  pid=$!
  # Asked to stop before there was anybody to tell.
  [ -z "$is_stopping" ] || kill -TERM "$pid" 2>/dev/null
  mark agent-started
  while :; do
    wait "$pid"
    status=$?
    kill -0 "$pid" 2>/dev/null || break
  done
  pid=
  kill "$writer" 2>/dev/null
  # A job's daemon may hold the log open: what the agent itself wrote is read by now.
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    kill -0 "$watcher" 2>/dev/null || break
    sleep 0.1
  done
  kill "$watcher" 2>/dev/null
  rm -f "$run/config.yml"
  return "$status"
}

reason_word() { printf '%s' "$1" | tr 'A-Z_' 'a-z-'; }

while :; do
  if [ -n "$is_stopping" ]; then finish interrupted 'asked to stop before it had registered'; fi
  run_agent
  status=$?
  if [ -s "$run/reason" ]; then
    mark agent-ended
    kill "$timer" 2>/dev/null
    finish "$(reason_word "$(head -n 1 "$run/reason")")" "exit=$status"
  fi
  if [ -e "$run/registered" ]; then finish agent-failed "the agent ended without its hook, exit=$status"; fi
  if [ -n "$is_stopping" ]; then finish interrupted 'asked to stop before it had registered'; fi
  if [ -n "$is_late" ]; then
    if [ -e "$run/refused" ] || [ -e "$run/was-refused" ]; then
      finish refused "$(cat "$run/unanswered" 2>/dev/null) $(cat "$run/was-refused" "$run/refused" 2>/dev/null | tail -n 1)"
    fi
    finish agent-timeout "not registered within $agent_seconds s: $(tail -n 1 "$run/unregistered" 2>/dev/null)"
  fi
  if [ -e "$run/refused" ]; then mv "$run/refused" "$run/was-refused"; fi
  if [ ! -e "$run/was-refused" ] && [ ! -e "$run/unregistered" ]; then
    finish agent-failed "the agent did not start, exit=$status: $(tail -n 1 "$run/agent.log" 2>/dev/null)"
  fi
  mark agent-refused
  sleep $((1 + RANDOM % 5)).$((RANDOM % 10)) &
  wait $!
done
`
