import { Hono } from 'hono'
import { z } from 'zod'
import type { AgentNameSettings, AgentType } from '../hub/model.ts'
import { agentTypeNameProblem, originProblem, releaseAfterProblem } from '../hub/names.ts'
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
          aws: z
            .object({ account_id: z.string().default(''), role_name_patterns: z.string().default('') })
            .nullish(),
        })
        .optional(),
    })
    .optional(),
})

type TypeBody = z.infer<typeof typeBody>

/**
 * Agent types by API: the token of a new one is shown once, in the answer to its creation. What is refused is told by a
 * JSON string. Source: semaphoreio/semaphore public-api/v1alpha/lib/pipelines_api self_hosted_hub_client and
 * pipelines/common.ex, self_hosted_hub/pkg/internalapi/self_hosted_service.go, 2026-11.
 */
export function agentTypeApi(hub: HubState): Hono<HubEnv> {
  const app = new Hono<HubEnv>()
  const count = (type: AgentType) => registeredAgents(hub, type.name).length
  app.get('/', call =>
    call.json({
      agent_types: [...hub.types.values()].map(type => showAgentType(type, count(type))),
    }),
  )
  app.post('/', async call => {
    const body = await readJson(call, typeBody)
    if (!body.ok) return call.json(body.why, 400)
    const problem = typeProblem(body.value) ?? taken(hub, body.value.metadata.name)
    if (problem !== undefined) return call.json(problem, 400)
    const type = createType(hub, body.value.metadata.name, newToken(hub.random), settingsOf(body.value))
    const shown = showAgentType(type, 0)
    return call.json({ ...shown, status: { ...shown.status, registration_token: type.token } })
  })
  app.patch('/:name', async call => {
    const body = await readJson(call, typeBody)
    if (!body.ok) return call.json(body.why, 400)
    const type = hub.types.get(body.value.metadata.name)
    if (type === undefined) return notFound(call)
    const problem = typeProblem(body.value)
    if (problem !== undefined) return call.json(problem, 400)
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
    if (count(type) > 0) return call.json("can't delete agent type with existing agents", 400)
    hub.types.delete(type.name)
    emit(hub, { event: 'type-deleted', type: type.name })
    return call.json({})
  })
  app.post('/:name/disable_all', call => disableAll(hub, call))
  return app
}

/** `only_idle` is true unless said otherwise, as a form field or in JSON. A type that there is not has no agents. */
async function disableAll(hub: HubState, call: Call): Promise<Response> {
  const type = call.req.param('name') ?? ''
  const body = await call.req.text()
  const onlyIdle = !/"?only_idle"?\s*[:=]\s*"?false/.test(body) && call.req.query('only_idle') !== 'false'
  for (const agent of registeredAgents(hub, type))
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
  const given = body.spec?.agent_name_settings
  if (given === undefined) return { assignment_origin: 'assignment_origin_agent', release_after: 0 }
  const { aws, ...settings } = given
  return settings.assignment_origin === 'assignment_origin_aws_sts' && aws ? { ...settings, aws } : settings
}

function typeProblem(body: TypeBody): string | undefined {
  const settings = body.spec?.agent_name_settings
  return (
    agentTypeNameProblem(body.metadata.name) ??
    releaseAfterProblem(settings?.release_after ?? 0) ??
    (settings && originProblem(settings.assignment_origin, settings.aws ?? undefined))
  )
}

function taken(hub: HubState, name: string): string | undefined {
  return hub.types.has(name) ? 'agent type name must by unique in the organization' : undefined
}

function notFound(call: Call): Response {
  return call.json('agent type not found', 404)
}
