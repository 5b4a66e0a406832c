import type { ContainerBody } from '../body.ts'

/** What boots systemd and cloud-init where the machine gives no full privileges. Measured on systemd 252. */
export const linuxHostConfig: ContainerBody['HostConfig'] = {
  CapAdd: ['SYS_ADMIN', 'NET_ADMIN'],
  SecurityOpt: ['seccomp=unconfined', 'apparmor=unconfined'],
  Tmpfs: { '/run': '', '/run/lock': '', '/tmp': '' },
  CgroupnsMode: 'host',
  Binds: ['/sys/fs/cgroup:/sys/fs/cgroup:rw'],
}

/** systemd's word for "halt", which ends a container. */
export const linuxStopSignal = 'SIGRTMIN+3'

export const seedFolder = 'var/lib/cloud/seed/nocloud'

/**
 * The dead-man timer, and then systemd in its place: the timer becomes a child of process 1 that systemd does not
 * know. Its argument is the stop grace in seconds. One stop grace before the deadline, but not in the first half of a
 * short life, it asks for a power-off in good order, and at the deadline for one at once: signals 38 and 48 are the C
 * library's SIGRTMIN+4 and +14, which not every shell knows by name.
 */
export const linuxEntryScript = `
read -r deadline </.agentctl/deadline || exit 70
rm -rf /.agentctl
now=$(date +%s)
soft=$((deadline - $1))
half=$(((now + deadline) / 2))
[ "$soft" -ge "$half" ] || soft=$half
until_then() { while left=$(($1 - $(date +%s))) && [ "$left" -gt 0 ]; do sleep $((left < 5 ? left : 5)); done; }
(
  # systemd hangs up the terminal as it takes it over.
  trap '' HUP
  until_then "$soft"
  echo "agentctl: the deadline is near, powering off" >/dev/console
  kill -38 1
  until_then "$deadline"
  kill -48 1
  sleep 5
  kill -9 -1
) </dev/null >/dev/null 2>&1 &
exec /sbin/init
`
