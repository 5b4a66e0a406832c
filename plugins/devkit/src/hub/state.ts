import type { Clock, Random } from '@agentctl/contract'
import { type HubEvent, type NewEvent, stamp } from './events.ts'
import { defaultKnobs, type Knobs } from './knobs.ts'
import type { Agent, AgentType, Job } from './model.ts'

/** Everything the hub knows. The functions beside this file change it; time and chance come with it. */
export interface HubState {
  readonly clock: Pick<Clock, 'now'>
  readonly random: Random
  readonly types: Map<string, AgentType>
  readonly agents: Map<string, Agent>
  readonly jobs: Map<string, Job>
  readonly events: HubEvent[]
  readonly watchers: Set<(event: HubEvent) => void>
  knobs: Knobs
}

export function newHubState(clock: Pick<Clock, 'now'>, random: Random): HubState {
  return {
    clock,
    random,
    types: new Map(),
    agents: new Map(),
    jobs: new Map(),
    events: [],
    watchers: new Set(),
    knobs: defaultKnobs(),
  }
}

export function emit(hub: HubState, event: NewEvent): void {
  const stamped = stamp(event, hub.events.length + 1, hub.clock.now())
  hub.events.push(stamped)
  for (const watcher of hub.watchers) watcher(stamped)
}

/** 40 random bytes as hex, as the real hub's tokens. */
export function newToken(random: Random): string {
  return hex(random, 80)
}

export function newUuid(random: Random): string {
  const digits = hex(random, 32)
  const variant = '89ab'.charAt(Math.floor(random.next() * 4))
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-${variant}${digits.slice(17, 20)}-${digits.slice(20)}`
}

function hex(random: Random, length: number): string {
  return Array.from({ length }, () => Math.floor(random.next() * 16).toString(16)).join('')
}

export function findTypeByToken(hub: HubState, token: string): AgentType | undefined {
  return [...hub.types.values()].find(type => type.token === token)
}

export function findAgentByToken(hub: HubState, token: string): Agent | undefined {
  return [...hub.agents.values()].find(agent => agent.token === token)
}

export function registeredAgents(hub: HubState, typeName?: string): Agent[] {
  return [...hub.agents.values()].filter(
    agent => agent.state === 'registered' && (typeName === undefined || agent.typeName === typeName),
  )
}
