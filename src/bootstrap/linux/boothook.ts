import { library } from './markers.ts'
import { checkRequirements } from './requirements.ts'
import { secondBoot } from './second-boot.ts'
import { armTimers, type Deadlines, timerScripts } from './timers.ts'
import type { LinuxBootstrap } from './types.ts'

/**
 * What cloud-init runs first, in its network stage and on every boot; cloud-init may call it twice in one boot.
 * The timers come before all else, then the second-boot check and the image's requirements.
 */
export function boothook(bootstrap: LinuxBootstrap, deadlines: Deadlines): string {
  return `#!/bin/sh
umask 022
[ ! -e /run/agentctl/armed ] || exit 0
mkdir -p /run/agentctl
mkdir -m 700 /run/agentctl/private
cat >/run/agentctl/lib.sh <<'AGENTCTL_EOF'
${library}AGENTCTL_EOF
. /run/agentctl/lib.sh
fault=
${armTimers(deadlines)}
: >/run/agentctl/armed
${timerScripts(deadlines)}
[ -z "$fault" ] || fail "the timer $fault could not be armed"
mark timers-armed
${secondBoot}
${checkRequirements(bootstrap, 'early')}
exit 0
`
}
