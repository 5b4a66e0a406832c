import { Hono } from 'hono'
import { grantJobs, markFetched } from '../hub/jobs.ts'
import { takeAgentFault, takeFault } from '../hub/knobs.ts'
import type { Agent, AgentType } from '../hub/model.ts'
import { jobRequest } from '../hub/payload.ts'
import { countJobs, listedJobs } from '../hub/queue.ts'
import { disconnect, register, registerRequest } from '../hub/registration.ts'
import { emit, findAgentByToken, findTypeByToken, type HubState, newToken } from '../hub/state.ts'
import { sync, syncRequest } from '../hub/sync.ts'
import {
  baseUrl,
  type Call,
  type HubEnv,
  loseReply,
  pause,
  readJson,
  remoteAddress,
  tokenOf,
} from './call.ts'

/**
 * What an agent speaks with the hub. An unknown token is 404, a missing one 401.
 * Source: semaphoreio/semaphore self_hosted_hub/pkg/publicapi/server.go, auth.go, 2026-08.
 */
export function hubApi(hub: HubState): Hono<HubEnv> {
  const app = new Hono<HubEnv>()
  app.post('/register', call => withType(hub, call, type => doRegister(hub, call, type)))
  app.post('/sync', call => withAgent(hub, call, agent => doSync(hub, call, agent)))
  app.get('/jobs/:id', call => withAgent(hub, call, agent => doFetch(hub, call, agent)))
  app.post('/disconnect', call => withAgent(hub, call, agent => doDisconnect(hub, call, agent)))
  app.post('/refresh', call => withAgent(hub, call, agent => doRefresh(hub, call, agent)))
  app.get('/metrics', call => withQueue(hub, call, type => call.json(metrics(hub, type))))
  app.get('/occupancy', call => withQueue(hub, call, type => call.json(metrics(hub, type).jobs)))
  app.get('/jobs', call =>
    withQueue(hub, call, type =>
      call.json({
        jobs: listedJobs(hub.jobs.values(), type.name, hub.clock.now()).map(({ id }) => ({ id })),
      }),
    ),
  )
  return app
}

async function doRegister(hub: HubState, call: Call, type: AgentType): Promise<Response> {
  await pause(hub.knobs.registerDelayMs)
  if (takeFault(hub.knobs, 'registerFailures')) return fault(hub, call, 'registerFailures', 500)
  if (takeFault(hub.knobs, 'registerRateLimits')) return fault(hub, call, 'registerRateLimits', 429)
  const request = await readJson(call, registerRequest)
  if (!request.ok) return refuse(hub, call, 422)
  const userAgent = call.req.header('user-agent') ?? ''
  const result = register(hub, type, request.value, { ipAddress: remoteAddress(call), userAgent })
  if (!result.ok) return call.text(`${result.why}\n`, result.status)
  if (takeFault(hub.knobs, 'loseRegisterReplies')) {
    emit(hub, { event: 'register-reply-lost', agent: result.name, job: request.value.job_id || null })
    return loseReply(call)
  }
  return call.json({ name: result.name, token: result.token }, 201)
}

async function doSync(hub: HubState, call: Call, agent: Agent): Promise<Response> {
  if (takeAgentFault(hub.knobs, 'sync404', agent.name)) return fault(hub, call, 'sync404', 404)
  if (takeAgentFault(hub.knobs, 'syncFailures', agent.name)) return fault(hub, call, 'syncFailures', 500)
  const request = await readJson(call, syncRequest)
  return request.ok ? call.json(sync(hub, agent, request.value)) : call.text('', 422)
}

function doFetch(hub: HubState, call: Call, agent: Agent): Response {
  if (takeFault(hub.knobs, 'jobFetchFailures')) return fault(hub, call, 'jobFetchFailures', 500)
  const job = hub.jobs.get(call.req.param('id')?.toLowerCase() ?? '')
  if (job === undefined || agent.assignedJobId !== job.id) return refuse(hub, call, 404)
  markFetched(hub, agent, job)
  return call.json(jobRequest(job, baseUrl(call)))
}

async function doDisconnect(hub: HubState, call: Call, agent: Agent): Promise<Response> {
  await pause(hub.knobs.disconnectDelayMs)
  if (takeFault(hub.knobs, 'disconnectFailures')) return fault(hub, call, 'disconnectFailures', 500)
  disconnect(hub, agent)
  return call.text('disconnected')
}

function doRefresh(hub: HubState, call: Call, agent: Agent): Response {
  const job = agent.assignedJobId === undefined ? undefined : hub.jobs.get(agent.assignedJobId)
  if (job === undefined) return call.text('', 422)
  job.logToken = newToken(hub.random)
  emit(hub, { event: 'token-refreshed', agent: agent.name, job: job.id })
  return call.json({ token: job.logToken })
}

/** Agents are counted whatever their state, as in the real hub: a held name counts as idle. */
function metrics(hub: HubState, type: AgentType) {
  const agents = [...hub.agents.values()].filter(agent => agent.typeName === type.name)
  const occupied = agents.filter(agent => agent.assignedJobId !== undefined).length
  return {
    jobs: countJobs(hub.jobs.values(), type.name),
    agents: { idle: agents.length - occupied, occupied },
  }
}

type Answer = Response | Promise<Response>

function withType(hub: HubState, call: Call, answer: (type: AgentType) => Answer): Answer {
  const token = tokenOf(call)
  if (token === undefined) return refuse(hub, call, 401)
  const type = findTypeByToken(hub, token)
  return type === undefined ? refuse(hub, call, 404) : answer(type)
}

function withQueue(hub: HubState, call: Call, answer: (type: AgentType) => Answer): Answer {
  if (takeFault(hub.knobs, 'metricsFailures')) return fault(hub, call, 'metricsFailures', 500)
  return withType(hub, call, type => {
    grantJobs(hub)
    return answer(type)
  })
}

function withAgent(hub: HubState, call: Call, answer: (agent: Agent) => Answer): Answer {
  const token = tokenOf(call)
  if (token === undefined) return refuse(hub, call, 401)
  const agent = findAgentByToken(hub, token)
  return agent === undefined ? refuse(hub, call, 404) : answer(agent)
}

function refuse(hub: HubState, call: Call, status: 401 | 404 | 422): Response {
  emit(hub, { event: 'unauthorized', method: call.req.method, path: call.req.path, status })
  return call.text('', status)
}

function fault(hub: HubState, call: Call, knob: string, status: 404 | 429 | 500): Response {
  emit(hub, { event: 'fault', knob, path: call.req.path })
  return call.text('', status)
}
