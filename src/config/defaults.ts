/** What holds where nobody says otherwise, as it would be written in the file. */
export const defaults = {
  capacity: { max: 10, min: 0, idle: 0 },
  timeouts: { boot: '10m', agent: '5m', idle: '5m', job: '24h', total: '25h' },
  attempts: 3,
  agentType: 's1-default',
  token: 'env:SEMAPHORE_AGENT_TOKEN',
  apiToken: 'env:SEMAPHORE_API_TOKEN',
} as const

/**
 * An owner made of the user's and the host's names: `ci-build-7`. The same on every run, as the journal's path and
 * the ownership tags derive from it.
 */
export function defaultOwner(userName: string, hostName: string): string {
  const host = hostName.split('.')[0] ?? ''
  const slug = `${userName}-${host}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 31)
    .replace(/-+$/, '')
  return slug === '' ? 'agentctl' : slug
}
