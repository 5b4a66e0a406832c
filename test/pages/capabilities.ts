import { type Capabilities, callClasses, type Provider, type ProviderModule } from '@agentctl/contract'
import { code, listed, markdownTable } from './table.ts'

/** What is there or not there besides the verbs that every provider has. */
const providerVerbs = ['mark', 'guard', 'consoleTail', 'connect', 'tokens'] as const
const moduleVerbs = ['openCache', 'readSecret', 'rights'] as const

const count = (value: number) => value.toLocaleString('en')
const seconds = (ms: number) => (ms === Number.POSITIVE_INFINITY ? 'no figure' : `${count(ms / 1000)} s`)

const poweroffs: Readonly<Record<Capabilities['poweroff'], string>> = {
  deletes: 'nothing of it is left',
  stops: 'it stays, stopped, until the next tick or `reap`',
  'stops-and-bills': 'it stays and **is billed** until the next tick or `reap`',
}

/** What the engine goes by. Pure. */
export function capabilitiesTable(module: ProviderModule, provider: Provider): string {
  const { capabilities } = provider
  const has = [
    ...providerVerbs.filter(verb => provider[verb] !== undefined),
    ...moduleVerbs.filter(verb => module[verb] !== undefined),
  ]
  return markdownTable(
    ['capability', 'value'],
    [...rows(capabilities), ...rateRows(capabilities), ['optional verbs', listed(has) || 'none']],
  )
}

function rows(capabilities: Capabilities): readonly (readonly string[])[] {
  const { spotGraceMsMax, listEveryMs, poweroff, listing, settleMs, worstOrphanMs } = capabilities
  const orphan =
    worstOrphanMs === Number.POSITIVE_INFINITY
      ? 'until the next tick or `reap` from any host: there is no figure'
      : `${seconds(worstOrphanMs)} past its deadline, with no controller`
  return [
    ['guests', listed(capabilities.guests)],
    ['units in one launch', count(capabilities.launchBatchMax)],
    ['idempotency', code(capabilities.idempotency)],
    ['listing', `${code(listing)}, settled after ${seconds(settleMs)}`],
    ['after a power-off', `${code(poweroff)}: ${poweroffs[poweroff]}`],
    ['platform ends a machine at its deadline', capabilities.platformTtl ? 'yes' : 'no'],
    ['worst orphan life', orphan],
    ['spot machines', capabilities.spot ? 'yes' : 'no'],
    ...(spotGraceMsMax === undefined ? [] : [['grace on a spot machine, at most', seconds(spotGraceMsMax)]]),
    ['user data, at most', `${count(capabilities.userDataBytesMax)} bytes`],
    ['console', code(capabilities.console)],
    ['user data is taken away by the controller', capabilities.isGuardNeeded ? 'yes' : 'no'],
    ...(listEveryMs === undefined ? [] : [['lists of one scope, apart', seconds(listEveryMs)]]),
  ]
}

function rateRows({ rates }: Capabilities): readonly (readonly string[])[] {
  return callClasses.map(name => {
    const { burst, perSecond } = rates[name]
    return [`calls that ${name}`, `${count(burst)} at once, then ${count(perSecond)} a second`]
  })
}
