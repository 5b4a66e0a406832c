import type { Cloud } from '@agentctl/contract'
import { seconds } from './places.ts'
import type { LinuxBootstrap } from './types.ts'

const everyMs = 5000

/**
 * bash functions that print the notice when there is one. EC2 tells 2 minutes ahead, GCE and Azure 30 s.
 * Sources: EC2 user guide "Spot Instance interruption notices" (spot/instance-action, 404 until then), GCE "Preemption
 * process" (instance/preempted), Azure "Scheduled Events" (EventType Preempt), 2026-11.
 */
const watches: Readonly<Record<Cloud, string>> = {
  ec2: `notice() {
  local base=http://169.254.169.254/latest session
  session=$(http PUT $base/api/token - 'X-aws-ec2-metadata-token-ttl-seconds: 60') || return 1
  http GET $base/meta-data/spot/instance-action - "X-aws-ec2-metadata-token: $session"
}`,
  gce: `notice() {
  local answer
  answer=$(http GET http://169.254.169.254/computeMetadata/v1/instance/preempted - 'Metadata-Flavor: Google') || return 1
  [ "$answer" = TRUE ] && echo preempted
}`,
  azure: `notice() {
  local answer
  answer=$(http GET 'http://169.254.169.254/metadata/scheduledevents?api-version=2020-07-01' - 'Metadata: true') || return 1
  [[ $answer =~ \\"EventType\\":\\ *\\"Preempt\\" ]] && echo Preempt
}`,
}

/** bash, started as root by the supervisor with its own process id: SIGTERM for it when the notice comes. */
export function spotWatcher({
  cloud,
  spotNotice,
}: Pick<LinuxBootstrap, 'cloud' | 'spotNotice'>): string | undefined {
  if (!cloud || !spotNotice) return undefined
  return `. /run/agentctl/lib.sh
. /run/agentctl/http.sh
${watches[cloud]}
while sleep ${seconds(spotNotice.everyMs ?? everyMs)}; do
  told=$(notice 2>/dev/null) || continue
  told=$(printf '%s' "$told" | tr -s '[:space:]' ' ')
  echo "spot-reclaimed the cloud takes the machine back: $told" >"$own/stop-cause"
  say "spot notice: $told"
  kill -TERM "$1"
  exit 0
done
`
}
