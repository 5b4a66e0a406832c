import { contractError, hasCode } from '@agentctl/contract'
import { z } from 'zod'
import { requestJson } from '../effects/http.ts'
import { type HubAddress, hubOrigin } from './hub.ts'

const timeoutMs = 20_000

/** How agents of a type get their names, and for how long the hub keeps a name of one that has gone. */
export interface AgentTypeSettings {
  /** 0, or at least 60. Unit: seconds. */
  readonly releaseAfterSeconds: number
  /** `agent`: agents say theirs; `aws-sts`: AWS says it, by a signed request that each agent sends. */
  readonly nameFrom: 'agent' | 'aws-sts'
  /** With `aws-sts`: the account, and patterns of role names with commas between them. */
  readonly aws?: { readonly account: string; readonly roles: string }
}

export interface AgentTypeFacts extends AgentTypeSettings {
  readonly name: string
  /** Unit: milliseconds since the epoch. */
  readonly createdAt: number
  /** Agents that are registered. */
  readonly agentCount: number
}

const shape = z.object({
  metadata: z.object({ name: z.string(), create_time: z.coerce.number().catch(0) }),
  spec: z.object({
    agent_name_settings: z.object({
      assignment_origin: z.string(),
      release_after: z.coerce.number(),
      aws: z
        .object({ account_id: z.string().default(''), role_name_patterns: z.string().default('') })
        .nullish(),
    }),
  }),
  status: z.object({ total_agent_count: z.number(), registration_token: z.string().optional() }),
})

/** Agent types of an organization, by the API token. */
export interface AgentTypes {
  /** All of them, the oldest first. */
  list(): Promise<readonly AgentTypeFacts[]>
  /** Answers the registration token, which is told this once. @throws `outcome-unknown`, `invalid-spec` */
  create(name: string, settings: AgentTypeSettings): Promise<string>
  /** @throws `invalid-spec` while agents of it are registered */
  delete(name: string): Promise<void>
  /** Agents that there are now end at their next sync; one that runs a job stops it. */
  disable(name: string, which: 'idle' | 'all'): Promise<void>
}

/**
 * Source: semaphoreio/semaphore public-api/v1alpha/lib/pipelines_api router.ex and self_hosted_hub_client, 2026-11.
 * Everything throws `unauthenticated`, `rate-limited`, `unavailable`.
 */
export function openAgentTypes(address: HubAddress, apiToken: string, signal: AbortSignal): AgentTypes {
  const ask = async (
    what: string,
    right: 'view' | 'manage',
    path: string,
    send: { readonly method?: 'POST' | 'DELETE'; readonly body?: unknown } = {},
  ): Promise<unknown> => {
    const url = `${hubOrigin(address)}/api/v1alpha/self_hosted_agent_types${path}`
    const authorization = `Token ${apiToken}`
    return requestJson({ url, authorization, signal, timeoutMs, what, ...send }).catch(error => {
      throw hasCode(error, 'unauthenticated') ? refused(error, right) : error
    })
  }
  const at = (name: string) => `/${encodeURIComponent(name)}`
  return {
    async list() {
      const what = 'the agent types'
      const answer = z.object({ agent_types: z.array(shape) }).safeParse(await ask(what, 'view', ''))
      if (answer.success) return answer.data.agent_types.map(factsOf)
      throw unexpected(address, what, answer.error)
    },
    async create(name, settings) {
      const what = `making the agent type ${name}`
      const body = { metadata: { name }, spec: { agent_name_settings: settingsBody(settings) } }
      const told = await ask(what, 'manage', '', { method: 'POST', body }).catch(error => {
        throw hasCode(error, 'unavailable') ? mayBeMade(name, error) : error
      })
      const answer = shape.safeParse(told)
      const token = answer.data?.status.registration_token
      if (token) return token
      throw mayBeMade(name, unexpected(address, what, answer.error))
    },
    async delete(name) {
      await ask(`deleting the agent type ${name}`, 'manage', at(name), { method: 'DELETE' })
    },
    async disable(name, which) {
      const body = { only_idle: which === 'idle' }
      const send = { method: 'POST', body } as const
      await ask(`disabling agents of ${name}`, 'manage', `${at(name)}/disable_all`, send)
    },
  }
}

function factsOf({ metadata, spec, status }: z.infer<typeof shape>): AgentTypeFacts {
  const { assignment_origin: origin, release_after: releaseAfterSeconds, aws } = spec.agent_name_settings
  const isSts = origin === 'assignment_origin_aws_sts'
  return {
    name: metadata.name,
    createdAt: metadata.create_time * 1000,
    agentCount: status.total_agent_count,
    releaseAfterSeconds,
    nameFrom: isSts ? 'aws-sts' : 'agent',
    ...(isSts && aws && { aws: { account: aws.account_id, roles: aws.role_name_patterns } }),
  }
}

function settingsBody({ releaseAfterSeconds, nameFrom, aws }: AgentTypeSettings) {
  return {
    assignment_origin: nameFrom === 'agent' ? 'assignment_origin_agent' : 'assignment_origin_aws_sts',
    release_after: releaseAfterSeconds,
    ...(aws && { aws: { account_id: aws.account, role_name_patterns: aws.roles } }),
  }
}

/** The API says the same of a wrong token and of a right that is missing. */
function refused({ message, fault }: { message: string; fault?: string }, right: 'view' | 'manage') {
  return contractError('unauthenticated', message, {
    ...(fault !== undefined && { fault }),
    hint: `The API token is wrong, or its account lacks the permission organization.self_hosted_agents.${right}.`,
  })
}

function unexpected({ endpoint }: HubAddress, what: string, cause: unknown) {
  return contractError('unavailable', `${endpoint} gave an unexpected answer for ${what}`, { cause })
}

function mayBeMade(name: string, cause: Error) {
  return contractError(
    'outcome-unknown',
    `Whether the agent type ${name} was made is not known: ${cause.message}`,
    {
      hint: `agentctl agent-type show ${name}. If it is there, its token is lost: delete it in Semaphore, and make it again.`,
      cause,
    },
  )
}
