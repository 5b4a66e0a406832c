import type { ResourceState } from '@agentctl/contract'
import { states as awsStates } from '../../plugins/aws/src/observe.ts'
import { powerStates, provisioningStates, stateOf } from '../../plugins/azure/src/observe.ts'
import { states as dockerStates } from '../../plugins/docker/src/observe.ts'
import { states as gcpStates } from '../../plugins/gcp/src/observe.ts'
import { judge as judgeLocal, type Facts as LocalFacts } from '../../plugins/local/src/state.ts'
import {
  endings,
  judge as judgeQemu,
  type Facts as QemuFacts,
  statuses,
} from '../../plugins/qemu/src/state.ts'
import { code, listed, markdownTable } from './table.ts'

const order = ['pending', 'running', 'stopping', 'stopped', 'failed', 'terminated', 'unknown'] as const

/** The cloud's own words, by what agentctl calls them. */
function byState(said: string, table: Readonly<Record<string, ResourceState>>): string {
  const rows = order.map(state => {
    const words = Object.keys(table).filter(word => table[word] === state)
    const others = state === 'unknown' ? 'anything else; logged as it is, and ended for no such reason' : ''
    return [code(state), [listed(words), others].filter(Boolean).join('; ')]
  })
  return markdownTable(
    ['state', said],
    rows.filter(([, words]) => words !== ''),
  )
}

/** Azure's two words and what they make together, asked of the code that joins them. */
function azureTable(): string {
  const powers = [undefined, ...Object.keys(powerStates)]
  const rows = Object.keys(provisioningStates).map(provisioning => [
    code(provisioning),
    ...powers.map(power => code(stateOf(provisioning, power) ?? 'unknown')),
  ])
  const others = powers.map(power => code(stateOf('anything else', power) ?? 'unknown'))
  const head = [
    'provisioning state',
    ...powers.map(power => (power ? `power ${code(power)}` : 'no power state')),
  ]
  return markdownTable(head, [...rows, ['anything else', ...others]])
}

const now = 1_000_000_000
/** What is so, and the facts that say it. */
type Case<Facts> = readonly [string, Facts]

function judged<Facts>(
  cases: readonly Case<Facts>[],
  judge: (facts: Facts, now: number) => { readonly state: ResourceState; readonly fault?: string },
): readonly (readonly string[])[] {
  return cases.map(([words, facts]) => {
    const { state, fault = '' } = judge(facts, now)
    return [words, code(state), fault]
  })
}

const judgedHead = ['what is so', 'state', 'its fault says']

function localTable(): string {
  const facts: LocalFacts = {
    host: 'none',
    isStartable: true,
    isBereft: false,
    createdAt: now,
    stopAskedAt: 0,
  }
  const ended = { reason: 'exited', exitCode: 0, signal: null, at: now } as NonNullable<LocalFacts['ended']>
  const cases: readonly Case<LocalFacts>[] = [
    ['made, not started yet', facts],
    ['made 60 s ago or more, not started', { ...facts, createdAt: now - 60_000 }],
    [
      'not started, and its maker ended 3 s ago or more',
      { ...facts, isBereft: true, createdAt: now - 3_000 },
    ],
    ['its guest host is alive', { ...facts, host: 'alive' }],
    ['the same, and a stop was asked for', { ...facts, host: 'alive', stopAskedAt: now }],
    ['its end is written, its guest host is about to go', { ...facts, host: 'alive', ended }],
    ['its end is written, no process is left', { ...facts, host: 'dead', ended }],
    ['its guest host is gone without a word', { ...facts, host: 'dead' }],
    ['its guest host is of another host name', { ...facts, host: 'elsewhere' }],
  ]
  return markdownTable(judgedHead, judged(cases, judgeLocal))
}

function qemuTable(): string {
  const facts: QemuFacts = { host: 'none', createdAt: now, stopAskedAt: 0 }
  const alive = { ...facts, host: 'alive' } as const
  const endOf = (reason: string) =>
    ({ reason, exitCode: null, signal: null, at: now }) as unknown as NonNullable<QemuFacts['ended']>
  const cases: readonly Case<QemuFacts>[] = [
    ['made, not started yet', facts],
    ['made 60 s ago or more, not started', { ...facts, createdAt: now - 60_000 }],
    ['its guest host is alive, QEMU has not answered', alive],
    ...Object.keys(statuses).map(status => [`QEMU says ${code(status)}`, { ...alive, status }] as const),
    ['QEMU says anything else (logged)', { ...alive, status: 'something else' }],
    ['a stop was asked for', { ...alive, stopAskedAt: now }],
    ['its end is written, its guest host is about to go', { ...alive, ended: endOf('powered-off') }],
    ...Object.keys(endings).map(
      reason =>
        [`ended: ${code(reason)}`, { ...facts, host: 'dead' as const, ended: endOf(reason) }] as const,
    ),
    ['its guest host is gone without a word', { ...facts, host: 'dead' }],
    ['its guest host is of another host name', { ...facts, host: 'elsewhere' }],
  ]
  return markdownTable(judgedHead, judged(cases, judgeQemu))
}

/** By provider. */
export const stateTables: Readonly<Record<string, () => string>> = {
  aws: () => byState('EC2 says, of instances, volumes, interfaces and spot requests', awsStates),
  azure: azureTable,
  docker: () => byState('the engine says', dockerStates),
  gcp: () => byState('Compute Engine says', gcpStates),
  local: localTable,
  qemu: qemuTable,
}
