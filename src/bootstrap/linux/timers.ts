/** Unit: seconds, whole and positive. */
export interface Deadlines {
  /** From power-on to the forced power-off. */
  readonly total: number
  /** To the forced power-off of a machine whose agent has not registered: boot and agent deadline together. */
  readonly boot: number
  /** To the soft stop, which leaves the agent its `stop`. */
  readonly soft: number
  /** systemd's TimeoutStopSec: the agent's grace period and slack. */
  readonly stop: number
}

export function deadlines(boot: number, agent: number, total: number, stop: number): Deadlines {
  // A life shorter than the stop is still stopped softly first.
  const soft = total > stop ? total - stop : Math.max(1, Math.floor(total / 2))
  return { total, boot: boot + agent, soft, stop }
}

/**
 * POSIX sh for the boothook: three timers, armed before anything can hang.
 *
 * Measured on systemd 252 (2026-11):
 * - In a boothook there is no bus, so `shutdown +N` fails or shuts down at once, and a plain `systemd-run` waits for a
 *   boot that waits for it. A timer whose unit and service have `DefaultDependencies=no` arms at once, and fires while
 *   cloud-init hangs.
 * - `daemon-reload`, which every package's installation does, starts the count of `OnActiveSec` anew, so that a job
 *   could live for ever; `OnBootSec` counts from power-on whatever is reloaded.
 * - It also reads the transient units' files again, in which a `;` or a `$` of a command has become something else:
 *   commands are plain words. What they say lies in files that may fail; the power-off does not depend on them.
 */
export function armTimers({ total, boot, soft }: Deadlines): string {
  const off = 'systemctl poweroff --force --force'
  return `arm ttl on-boot=${total} ${saying('at-ttl')} ${off} || fault=ttl
arm boot-deadline on-boot=${boot} -p 'ConditionPathExists=!/run/agentctl/private/registered' ${saying('at-boot-deadline')} ${off} || fault=boot-deadline
arm soft-stop on-boot=${soft} sh /run/agentctl/private/at-soft-stop || fault=soft-stop`
}

/** Longest that a stuck console may hold up a power-off. Unit: seconds. */
const consoleSeconds = 5

function saying(script: string): string {
  return `-p 'ExecStartPre=-/usr/bin/timeout ${consoleSeconds} /bin/sh /run/agentctl/private/${script}'`
}

/** What the timers say when they fire. */
export function timerScripts({ total, boot, soft }: Deadlines): string {
  return `cat >"$own/at-ttl" <<'AGENTCTL_EOF'
. /run/agentctl/lib.sh
if [ -e "$own/ended" ]; then say 'power-off forced at the end of its ${total} s'; exit; fi
end expired 'power-off forced: its ${total} s are over'
AGENTCTL_EOF
cat >"$own/at-boot-deadline" <<'AGENTCTL_EOF'
. /run/agentctl/lib.sh
phase=$(cat "$own/phase")
case $phase in
  agent-*) reason=agent-timeout ;;
  *) reason=boot-timeout ;;
esac
[ -e "$own/ended" ] || end "$reason" "no agent registered within ${boot} s of boot; last phase: \${phase:-none}"
AGENTCTL_EOF
cat >"$own/at-soft-stop" <<'AGENTCTL_EOF'
. /run/agentctl/lib.sh
[ -e "$own/stop-cause" ] || echo 'expired soft stop after ${soft} s of ${total} s' >"$own/stop-cause"
say 'soft stop: ${soft} s of ${total} s are over'
systemctl stop --no-block agentctl-agent.service
AGENTCTL_EOF`
}
