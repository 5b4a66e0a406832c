import type { Unit } from '@agentctl/contract'
import { renderConfigYml } from '../../agent/index.ts'
import { asciiQuoted } from '../shell.ts'
import type { Identity } from './types.ts'

/**
 * bash that sets `index`, the guest's position in its launch. EC2 numbers the instances of one call from 0.
 * Source: EC2 user guide, "Instance metadata categories" (ami-launch-index) and IMDSv2, 2026-11.
 */
export function findIndex(identity: Identity): string {
  if (identity.kind === 'fixed') return `index=${identity.index}`
  return `metadata=http://169.254.169.254/latest
for attempt in 1 2 3 4 5; do
  [ "$attempt" = 1 ] || sleep 1
  session=$(http PUT "$metadata/api/token" - 'X-aws-ec2-metadata-token-ttl-seconds: 60' 2>"$own/fault") || continue
  index=$(http GET "$metadata/meta-data/ami-launch-index" - "X-aws-ec2-metadata-token: $session" 2>"$own/fault") && break
done
case $index in
  '' | *[!0-9]*) fail "the metadata service does not tell the machine's launch index: $index $(tail -n 1 "$own/fault")" ;;
esac`
}

/** bash that sets `own_config`: the lines of config.yml that are this unit's alone. */
export function chooseUnit(units: readonly Unit[]): string {
  const rows = units.map(({ index, name, jobId }) => {
    const own = renderConfigYml({ name, ...(jobId !== undefined && { 'job-id': jobId }) })
    return `  ${index}) own_config=${asciiQuoted(own)} ;;`
  })
  return `case $index in
${rows.join('\n')}
  *) fail "user data has no unit $index" ;;
esac`
}
