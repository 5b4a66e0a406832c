import type { Hub } from '../http/start-hub.ts'
import type { JobView } from '../hub/model.ts'

/** What a wrapped command finds in its environment. */
export function wrappedEnvironment(hub: Hub): Record<string, string> {
  return {
    SEMAPHORE_AGENT_ENDPOINT: hub.endpoint,
    SEMAPHORE_AGENT_NO_HTTPS: 'true',
    SEMAPHORE_AGENT_TOKEN: hub.token,
    SEMAPHORE_API_TOKEN: hub.apiToken,
    AGENTCTL_AGENT_TYPE: hub.agentType,
  }
}

/** The tokens are printed: they open nothing but this stand-in. */
export function showStart(hub: Hub, json: boolean): string {
  const { endpoint, token, apiToken, agentType } = hub
  if (json)
    return JSON.stringify({ endpoint, token, apiToken, agentType, jobs: hub.jobs().map(({ id }) => id) })
  return `hub ${endpoint}  type ${agentType}  jobs ${hub.jobs().length}  token ${token}  api-token ${apiToken}`
}

export function showSummary(jobs: readonly JobView[], json: boolean): string {
  if (json)
    return JSON.stringify({
      jobs: jobs.map(({ id, name, state, result, agent, runs }) => ({
        id,
        name,
        state,
        result,
        agent,
        runs,
      })),
    })
  if (jobs.length === 0) return 'No jobs.'
  const rows = [
    ['JOB', 'NAME', 'RESULT', 'AGENT', 'RUNS'],
    ...jobs.map(({ id, name, state, result, agent, runs }) => [
      id,
      name,
      result ?? state,
      agent ?? '-',
      String(runs),
    ]),
  ]
  const widths = [0, 1, 2, 3, 4].map(column => Math.max(...rows.map(row => (row[column] ?? '').length)))
  const lines = rows.map(row =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  return lines.join('\n')
}
