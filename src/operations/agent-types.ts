import { contractError, isContractError } from '@agentctl/contract'
import { typeNamePattern, typeNameRule } from '../config/names.ts'
import {
  type AgentTypeFacts,
  type AgentTypeSettings,
  type AgentTypes,
  openAgentTypes,
} from '../demand/agent-types.ts'
import { patiently } from '../engine/patiently.ts'
import { didYouMean } from '../errors/index.ts'
import type { Context } from './context.ts'
import { readSecretRef } from './open-hub.ts'

/** The hub's rules for names and for how long they are kept, told before it is asked. @throws `invalid-spec` */
export function checkAgentType(
  name: string,
  { releaseAfterSeconds, nameFrom, aws }: AgentTypeSettings,
): void {
  const problems = [
    ...(typeNamePattern.test(name) ? [] : [{ path: name, message: typeNameRule }]),
    ...(releaseAfterSeconds === 0 || releaseAfterSeconds >= 60
      ? []
      : [{ path: '--release-after', message: 'must be 0, or at least 60 seconds' }]),
    ...(nameFrom === 'aws-sts' && !(aws?.account && aws.roles)
      ? [{ path: '--name-from', message: 'aws-sts needs --aws-account and --aws-roles' }]
      : []),
    ...(nameFrom === 'agent' && aws
      ? [{ path: '--aws-account', message: 'and --aws-roles belong to --name-from aws-sts' }]
      : []),
  ]
  if (problems.length === 0) return
  throw contractError('invalid-spec', `The agent type ${name} cannot be made so`, { problems })
}

/** @throws `invalid-spec` without an endpoint, `unauthenticated` without an API token */
export async function typesOf(context: Context): Promise<AgentTypes> {
  const { settings, signal } = context
  if (settings.endpoint === '') {
    throw contractError('invalid-spec', 'It is not said whose agent types: there is no endpoint', {
      hint: 'Give --endpoint, or write endpoint: into agentctl.yml.',
    })
  }
  if (!settings.apiToken) {
    throw contractError(
      'unauthenticated',
      'Agent types are asked for with an API token, and none is configured',
      {
        hint:
          'Set SEMAPHORE_API_TOKEN, or give --api-token, to the token of a service account with the permission ' +
          'organization.self_hosted_agents.manage.',
      },
    )
  }
  const apiToken = await readSecretRef(context, settings.apiToken)
  return openAgentTypes(settings, apiToken, signal)
}

export interface ListedAgentType extends AgentTypeFacts {
  /** Pools of the configuration that serve it. */
  readonly pools: readonly string[]
}

/** All agent types of the organization, the oldest first. */
export async function listAgentTypes(context: Context): Promise<readonly ListedAgentType[]> {
  const found = await listOf(context, await typesOf(context))
  return found.map(type => ({ ...type, pools: poolsOf(context, type.name) }))
}

export function listOf({ effects, log, signal }: Context, types: AgentTypes) {
  return patiently({ ...effects, log, signal }, () => types.list())
}

export interface ShownAgentType extends ListedAgentType {
  /** Agents that are online, by name. */
  readonly agents: Readonly<Record<string, 'idle' | 'busy'>>
  readonly token: TokenStanding
}

/** Whether the token that the configuration names for a type is one that the hub takes. */
export type TokenStanding =
  | { readonly ref: string; readonly isAccepted: boolean; readonly why?: string }
  | { readonly ref: null }

/** @throws `invalid-spec` where there is no such type */
export async function showAgentType(context: Context, name: string): Promise<ShownAgentType> {
  const all = await listAgentTypes(context)
  const found = all.find(type => type.name === name)
  if (!found) throw noSuchType(name, all)
  const { settings, effects, signal } = context
  const apiToken = settings.apiToken ? await readSecretRef(context, settings.apiToken) : ''
  const agents = await effects.readAgents(settings, name, apiToken, signal)
  return { ...found, agents: Object.fromEntries(agents), token: await tokenStanding(context, name) }
}

export async function tokenStanding(context: Context, name: string): Promise<TokenStanding> {
  const { settings, effects, signal } = context
  const ref = settings.agentTypes[name]?.token
  if (!ref) return { ref: null }
  try {
    await effects.readQueue(settings, name, await readSecretRef(context, ref), signal)
    return { ref: ref.text, isAccepted: true }
  } catch (error) {
    if (!isContractError(error)) throw error
    return { ref: ref.text, isAccepted: false, why: error.message }
  }
}

export interface DisabledAgents {
  readonly name: string
  readonly which: 'idle' | 'all'
  /** Online when it was asked for. */
  readonly idle: number
  readonly busy: number
}

/** Ends the agents of a type that are online now; whoever registers later is not concerned. */
export async function disableAgents(
  context: Context,
  name: string,
  which: 'idle' | 'all',
): Promise<DisabledAgents> {
  const types = await typesOf(context)
  const { agents } = await showAgentType(context, name)
  await types.disable(name, which)
  const states = Object.values(agents)
  const count = (state: 'idle' | 'busy') => states.filter(one => one === state).length
  return { name, which, idle: count('idle'), busy: count('busy') }
}

function poolsOf({ settings }: Context, name: string): readonly string[] {
  return settings.agentTypes[name]?.pools ?? []
}

function noSuchType(name: string, all: readonly AgentTypeFacts[]) {
  const names = all.map(type => type.name)
  return contractError('invalid-spec', `There is no agent type ${name}${didYouMean(name, names)}`, {
    hint: `agentctl agent-type create ${name} makes it. There are: ${names.join(', ') || 'none'}`,
  })
}
