/**
 * The unit that the machine lives for. It lies under /run and is started, never enabled.
 *
 * `SuccessAction` and `FailureAction` end the machine however the unit ends, `kill -9` included. `KillMode=mixed`:
 * SIGTERM goes to the supervisor alone; with the default the job would be gone 0.2 s after a stop (measured, systemd
 * 252). `OOMPolicy=continue`: a process of the job that runs out of memory is the job's affair.
 */
export function agentUnit(stopSeconds: number): string {
  return `[Unit]
Description=Semaphore agent for one job, supervised by agentctl
Wants=network-online.target
After=network-online.target docker.service
SuccessAction=poweroff
FailureAction=poweroff
[Service]
Type=exec
EnvironmentFile=-/etc/environment
ExecStart=/bin/bash /run/agentctl/private/supervisor
ExecStopPost=+/bin/bash /run/agentctl/private/stop-post
Restart=no
KillMode=mixed
TimeoutStopSec=${stopSeconds}
OOMPolicy=continue
TasksMax=infinity
`
}

/** From the unit's end to a power-off that waits for nobody; services may take minutes to stop. Unit: seconds. */
const shutdownSeconds = 60

/** bash, run by systemd as root when the unit has ended, whatever ended it. */
export const stopPost = `. /run/agentctl/lib.sh
arm forced-power-off on-active=${shutdownSeconds} systemctl poweroff --force --force
how="result=$SERVICE_RESULT exit=$EXIT_CODE/$EXIT_STATUS"
if [ -e "$own/ended" ]; then
  say "unit $how"
  exit 0
fi
reason=agent-failed
cause=$(head -n 1 "$own/stop-cause" 2>/dev/null)
[ -z "$cause" ] || reason=\${cause%% *}
mark power-off
end "$reason" "the supervisor ended: $how; \${cause:+\${cause#* }; }the agent's word: $(head -n 1 "$run/reason" 2>/dev/null)"
`
