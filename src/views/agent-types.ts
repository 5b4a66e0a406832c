import type {
  DisabledAgents,
  ListedAgentType,
  ShownAgentType,
  TokenStanding,
} from '../operations/agent-types.ts'
import type { CreatedAgentType } from '../operations/create-agent-type.ts'
import { table } from './table.ts'

export function agentTypeLines(types: readonly ListedAgentType[]): readonly string[] {
  if (types.length === 0) return ['There is no agent type. Make one with: agentctl agent-type create s1-NAME']
  return table(
    ['AGENT TYPE', 'AGENTS', 'NAME FROM', 'RELEASE AFTER', 'POOLS'],
    types.map(({ name, agentCount, nameFrom, releaseAfterSeconds, pools }) => [
      name,
      String(agentCount),
      nameFrom,
      releaseAfterSeconds === 0 ? 'at once' : `${releaseAfterSeconds} s`,
      pools.join(', ') || 'none here',
    ]),
  )
}

export function shownAgentTypeLines(type: ShownAgentType): readonly string[] {
  const agents = Object.entries(type.agents)
  return [
    ...agentTypeLines([type]),
    '',
    tokenLine(type.name, type.token),
    ...(type.aws ? [`Names are those of ${type.aws.roles} in the AWS account ${type.aws.account}.`] : []),
    ...(agents.length === 0 ? [] : ['', ...table(['AGENT', 'STATE'], agents)]),
  ]
}

export function createdAgentTypeLines(created: CreatedAgentType): readonly string[] {
  const { name } = created
  if (created.outcome === 'made') {
    const { storedAs, registrationToken, isConfigured } = created
    return [
      `The agent type ${name} is made.`,
      ...(storedAs === null ? [] : [`Its registration token is stored as ${storedAs}.`]),
      ...(registrationToken === undefined
        ? []
        : ['', 'Its registration token, which is never told again:', registrationToken]),
      ...(isConfigured ? [] : ['', 'For agentctl.yml:', '', ...configLines(name, storedAs)]),
    ]
  }
  if (created.outcome === 'unchanged') {
    return [`The agent type ${name} is there already, as it is wanted.`, tokenLine(name, created.token)]
  }
  return [
    `The agent type ${name} is there already, and is not as it is wanted. Nothing was changed.`,
    '',
    ...table(
      ['SETTING', 'IS', 'WANTED'],
      created.differences.map(({ setting, is, wanted }) => [setting, is, wanted]),
    ),
    '',
    tokenLine(name, created.token),
  ]
}

function configLines(name: string, storedAs: string | null): readonly string[] {
  return [
    'agent-types:',
    `  ${name}:`,
    `    token: ${storedAs ?? 'env:SEMAPHORE_AGENT_TOKEN'}`,
    '    pools: [my-pool]',
  ]
}

function tokenLine(name: string, token: TokenStanding): string {
  if (token.ref === null) return `The configuration has no agent type ${name}, and so no token of it.`
  if (token.isAccepted) return `The token at ${token.ref} is accepted.`
  return `The token at ${token.ref} does not work: ${token.why}. A new one is made in Semaphore: reset the type's token.`
}

export function disabledLines({ name, which, idle, busy }: DisabledAgents): readonly string[] {
  const busyWords =
    busy === 0 ? '' : which === 'all' ? `, and ${busy} with a job stop it` : `; ${busy} with a job go on`
  return [
    `Agents of ${name}: ${idle} without a job end at their next sync${busyWords}.`,
    'Agents that register from now on are not concerned: stop what launches them first.',
  ]
}
