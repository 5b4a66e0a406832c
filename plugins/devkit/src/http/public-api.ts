import { Hono } from 'hono'
import { stopJob } from '../hub/jobs.ts'
import { takeFault } from '../hub/knobs.ts'
import { emit, type HubState, registeredAgents } from '../hub/state.ts'
import { agentTypeApi } from './agent-type-api.ts'
import { type HubEnv, tokenOf } from './call.ts'
import { showAgent, showJob } from './public-views.ts'

/**
 * The part of Semaphore's public API v1alpha that a provisioner uses, under a user's API token.
 * Source: semaphoreio/semaphore public-api/v1alpha, self_hosted_hub/pkg/models/agent.go ListAgentsWithCursor, 2026-08.
 */
export function publicApi(hub: HubState, apiToken: string): Hono<HubEnv> {
  const app = new Hono<HubEnv>()
  app.use(async (call, next) => {
    if (tokenOf(call) !== apiToken) {
      emit(hub, { event: 'unauthorized', method: call.req.method, path: call.req.path, status: 401 })
      return call.text('Permission denied', 401)
    }
    if (takeFault(hub.knobs, 'publicApiFailures')) {
      emit(hub, { event: 'fault', knob: 'publicApiFailures', path: call.req.path })
      return call.text('', 500)
    }
    return next()
  })
  app.get('/agents', call => {
    const page = listAgents(hub, call.req.query())
    return page === undefined ? call.json('invalid page_size or cursor', 400) : call.json(page)
  })
  // A name may hold slashes.
  app.get('/agents/:name{.+}', call => {
    const agent = hub.agents.get(call.req.param('name'))
    return agent === undefined ? call.json('agent not found', 404) : call.json(showAgent(agent))
  })
  app.route('/self_hosted_agent_types', agentTypeApi(hub))
  app.get('/jobs/:id', call => {
    const job = hub.jobs.get(call.req.param('id').toLowerCase())
    return job === undefined ? call.json({ message: 'Not found' }, 404) : call.json(showJob(job))
  })
  app.post('/jobs/:id/stop', call => {
    const job = hub.jobs.get(call.req.param('id').toLowerCase())
    if (job === undefined) return call.json({ message: 'Not found' }, 404)
    stopJob(hub, job)
    return call.json({})
  })
  return app
}

const pageMax = 200
const pageMin = 5

interface AgentQuery {
  readonly agent_type?: string
  readonly page_size?: string
  readonly cursor?: string
}

/** Only registered agents, oldest first. The cursor is the creation time of the next one, in milliseconds. */
function listAgents(hub: HubState, query: AgentQuery) {
  const size = query.page_size === undefined ? pageMax : Number(query.page_size)
  const from = query.cursor === undefined || query.cursor === '' ? 0 : Number(query.cursor)
  if (!Number.isInteger(size) || size < pageMin || size > pageMax || !Number.isInteger(from)) return undefined
  const agents = registeredAgents(hub, query.agent_type === '' ? undefined : query.agent_type)
    .filter(agent => agent.createdAt >= from)
    .sort((left, right) => left.createdAt - right.createdAt)
  const next = agents[size]
  return {
    agents: agents.slice(0, size).map(showAgent),
    cursor: next === undefined ? '' : String(next.createdAt),
  }
}
