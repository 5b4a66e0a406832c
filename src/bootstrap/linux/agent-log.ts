/**
 * bash: reads the agent's log line by line. "Registering Agent" means that config.yml has been read, "Starting to poll
 * for jobs" that the agent has registered; a refusal is told by the hub's words, since exit 1 means many things. A job that
 * takes its shell down with it fails without its hook: that is read here too.
 * Source: agent pkg/listener/listener.go, job_processor.go, pkg/jobs/job.go, v2.4.0; hub's words from self_hosted_hub registration, 2026-08.
 */
export const watchLog = `masked() {
  if [ -n "$token" ]; then printf '%s' "\${1//"$token"/[token]}"; else printf '%s' "$1"; fi
}

registered() {
  : >"$own/registered"
  rm -f "$run/config.yml"
  mark agent-registered
  systemctl stop --no-block agentctl-boot-deadline.timer 2>/dev/null
}

watch_log() {
  local line
  while IFS= read -r line; do
    # Before anything else: the first job may come at once.
    [[ $line != *'Registering Agent'* ]] || rm -f "$run/config.yml"
    printf '%s\\n' "$(masked "$line")"
    case $line in
      *'Starting to poll for jobs'*) registered ;;
      *'Regular commands finished with failure'*) : >"$own/job-failed" ;;
      *'Agent shutting down due to: '*) printf '%s\\n' "\${line##*'due to: '}" >"$own/said" ;;
      *'job not available'* | *quota* | *register*' 429'* | *"can't be registered"*) masked "$line" >"$own/refused" ;;
      *'failed to register agent'*) masked "$line" >"$own/unregistered" ;;
    esac
  done
}
`
