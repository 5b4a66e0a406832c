import { Hono } from 'hono'
import { z } from 'zod'
import type { AgentNameSettings, AgentType } from '../hub/model.ts'
import { agentTypeNameProblem, releaseAfterProblem } from '../hub/names.ts'
import { emit, type HubState, newToken, registeredAgents } from '../hub/state.ts'
import { disable } from '../hub/sync.ts'
import { type Call, type HubEnv, readJson } from './call.ts'
import { showAgentType } from './public-views.ts'

const typeBody = z.object({
  metadata: z.object({ name: z.string().trim() }),
  spec: z
    .object({
      agent_name_settings: z
        .object({
          assignment_origin: z.string().default('assignment_origin_agent'),
          release_after: z.number().int().default(0),
        })
        .optional(),
    })
    .optional(),
})

type TypeBody = z.infer<typeof typeBody>

/** Agent types by API: the token of a new one is shown once, in the answer to its creation. */
export function agentTypeApi(hub: HubState): Hono<HubEnv> {
  const app = new Hono<HubEnv>()
  const count = (type: AgentType) => registeredAgents(hub, type.name).length
  app.get('/', call =>
    call.json({
      agent_types: [...hub.types.values()].map(type => showAgentType(type, count(type))),
      cursor: '',
    }),
  )
  app.post('/', async call => {
    const body = await readJson(call, typeBody)
    if (!body.ok) return call.json({ message: body.why }, 422)
    const problem = typeProblem(body.value) ?? taken(hub, body.value.metadata.name)
    if (problem !== undefined) return call.json({ message: problem }, 422)
    const type = createType(hub, body.value.metadata.name, newToken(hub.random), settingsOf(body.value))
    const shown = showAgentType(type, 0)
    return call.json({ ...shown, status: { ...shown.status, registration_token: type.token } })
  })
  app.patch('/:name', async call => {
    const body = await readJson(call, typeBody)
    if (!body.ok) return call.json({ message: body.why }, 422)
    const type = hub.types.get(body.value.metadata.name)
    if (type === undefined) return notFound(call)
    const problem = typeProblem(body.value)
    if (problem !== undefined) return call.json({ message: problem }, 422)
    type.settings = settingsOf(body.value)
    type.updatedAt = hub.clock.now()
    return call.json(showAgentType(type, 0))
  })
  app.get('/:name', call => {
    const type = hub.types.get(call.req.param('name'))
    return type === undefined ? notFound(call) : call.json(showAgentType(type, count(type)))
  })
  app.delete('/:name', call => {
    const type = hub.types.get(call.req.param('name'))
    if (type === undefined) return notFound(call)
    if (count(type) > 0) return call.json({ message: "can't delete agent type with existing agents" }, 412)
    hub.types.delete(type.name)
    emit(hub, { event: 'type-deleted', type: type.name })
    return call.json({})
  })
  app.post('/:name/disable_all', call => disableAll(hub, call))
  return app
}

/** `only_idle` is true unless said otherwise, as a form field or in JSON. */
async function disableAll(hub: HubState, call: Call): Promise<Response> {
  const type = hub.types.get(call.req.param('name') ?? '')
  if (type === undefined) return notFound(call)
  const body = await call.req.text()
  const onlyIdle = !/"?only_idle"?\s*[:=]\s*"?false/.test(body) && call.req.query('only_idle') !== 'false'
  for (const agent of registeredAgents(hub, type.name))
    if (!onlyIdle || agent.assignedJobId === undefined) disable(hub, agent)
  return call.json({})
}

export function createType(
  hub: HubState,
  name: string,
  token: string,
  settings: AgentNameSettings = { assignment_origin: 'assignment_origin_agent', release_after: 0 },
): AgentType {
  const now = hub.clock.now()
  const type: AgentType = { name, token, createdAt: now, updatedAt: now, settings }
  hub.types.set(name, type)
  emit(hub, { event: 'type-created', type: name })
  return type
}

function settingsOf(body: TypeBody): AgentNameSettings {
  return body.spec?.agent_name_settings ?? { assignment_origin: 'assignment_origin_agent', release_after: 0 }
}

function typeProblem(body: TypeBody): string | undefined {
  return agentTypeNameProblem(body.metadata.name) ?? releaseAfterProblem(settingsOf(body).release_after)
}

function taken(hub: HubState, name: string): string | undefined {
  return hub.types.has(name) ? 'agent type name must by unique in the organization' : undefined
}

function notFound(call: Call): Response {
  return call.json({ message: 'Not found' }, 404)
}
