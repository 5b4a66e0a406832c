import assert from 'node:assert/strict'
import { contractError, hasCode } from '../../errors.ts'
import { type Capabilities, callClasses, type Provider } from '../../provider.ts'
import { scopeKey } from '../../resources.ts'
import type { Check } from '../check.ts'
import type { CheckContext } from '../context.ts'

const unknownKey = 'conformance-no-such-key'

function problemsOf(provider: Provider, raw: unknown): string {
  try {
    provider.parseSpec(raw)
  } catch (error) {
    if (!hasCode(error, 'invalid-spec')) throw error
    assert.ok((error.problems ?? []).length > 0, 'P1: invalid-spec without problems')
    return (error.problems ?? []).map(({ path, message }) => `${path}: ${message}`).join('\n')
  }
  throw contractError('internal', `P1: parseSpec took a wrong spec: ${JSON.stringify(raw)}`)
}

function keysOf({ target }: CheckContext): Record<string, unknown> {
  return target.spec instanceof Object ? { ...target.spec } : {}
}

const pure: Check = {
  rule: 'P1',
  title: 'parseSpec and scopes give the same for the same, and do not change what they get',
  async run(context) {
    const { provider, target } = context
    const raw = structuredClone(target.spec)
    const [one, two] = [provider.parseSpec(raw), provider.parseSpec(raw)]
    assert.deepEqual(one, two, 'P1: parseSpec is not deterministic')
    assert.deepEqual(raw, target.spec, 'P1: parseSpec changed the raw spec')
    const keys = provider.scopes([one]).map(scopeKey)
    assert.deepEqual(provider.scopes([two]).map(scopeKey), keys, 'P1: scopes is not deterministic')
    assert.ok(keys.length > 0, 'P1: a spec must have a scope')
    assert.equal(new Set(provider.scopes([one, two]).map(scopeKey)).size, keys.length, 'P1: scopes repeat')
  },
}

const unknownKeys: Check = {
  rule: 'P1',
  title: 'parseSpec rejects unknown keys by name',
  async run(context) {
    const said = problemsOf(context.provider, { ...keysOf(context), [unknownKey]: 1, [`${unknownKey}-2`]: 2 })
    assert.ok(
      said.includes(unknownKey) && said.includes(`${unknownKey}-2`),
      `P1: unknown keys not named: ${said}`,
    )
  },
}

const everyProblem: Check = {
  rule: 'P1',
  title: 'parseSpec reports every problem at once',
  async run(context) {
    const keys = Object.keys(keysOf(context))
    const wrong = Object.fromEntries(keys.map(key => [key, null]))
    const said = problemsOf(context.provider, { ...wrong, [unknownKey]: 1 })
    for (const key of [...keys, unknownKey])
      assert.ok(said.includes(key), `P1: ${key} is not reported: ${said}`)
    for (const raw of [undefined, null, 'text', 7, []]) problemsOf(context.provider, raw)
  },
}

/** Only what JSON keeps as it is. */
function isPlain(value: unknown): boolean {
  if (value === null || value === undefined) return true
  if (Array.isArray(value)) return value.every(isPlain)
  if (typeof value === 'object') {
    return Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every(isPlain)
  }
  return typeof value === 'number' ? Number.isFinite(value) : ['string', 'boolean'].includes(typeof value)
}

const readsOnly: Check = {
  rule: 'P2',
  title: 'resolve and preflight make nothing, and resolve gives plain data',
  async run(context) {
    const { provider, target, owner, capabilities, scopes, spec } = context
    const resolved = await provider.resolve(spec, context.call())
    assert.deepEqual(await provider.resolve(spec, context.call()), resolved, 'P2: two resolves differ')
    assert.ok(isPlain(resolved), 'P2: resolve must give plain JSON')
    assert.ok(capabilities.guests.includes(resolved.guest), `P2: ${resolved.guest} is not among the guests`)
    const ids = resolved.offerings.map(({ id }) => id)
    assert.ok(ids.length > 0 && new Set(ids).size === ids.length, `P2: offerings missing or repeated: ${ids}`)
    for (const { id, scope, market } of resolved.offerings) {
      assert.ok(scopes.map(scopeKey).includes(scopeKey(scope)), `P1: scopes lacks the scope of ${id}`)
      assert.ok(market === 'on-demand' || capabilities.spot, `P2: ${id} is spot, which is not declared`)
    }
    for (const { level, subject, message } of await provider.preflight(spec, context.call())) {
      assert.ok(
        ['ok', 'warning', 'problem', 'unproven'].includes(level) && subject && message,
        'P2: odd finding',
      )
    }
    assert.deepEqual([...(await target.outOfBand.left(owner))], [], 'P2: resolve or preflight made something')
  },
}

function assertSane(capabilities: Capabilities) {
  const { launchBatchMax, userDataBytesMax, settleMs, worstOrphanMs, guests, listing, rates } = capabilities
  assert.ok(Number.isInteger(launchBatchMax) && launchBatchMax >= 1, 'launchBatchMax must be at least 1')
  assert.ok(Number.isInteger(userDataBytesMax) && userDataBytesMax > 0, 'userDataBytesMax must be a number')
  assert.ok(Number.isFinite(settleMs) && settleMs >= 0, 'settleMs must be finite')
  assert.ok(listing === 'strong' || settleMs > 0, 'an eventual listing must say how long it takes to settle')
  assert.ok(worstOrphanMs >= 0, 'worstOrphanMs must be a number')
  assert.ok(guests.length > 0, 'guests must not be empty')
  for (const callClass of callClasses) {
    const { burst, perSecond } = rates[callClass]
    assert.ok(burst >= 1 && perSecond > 0, `rates.${callClass} would never let a call through`)
  }
}

const capabilities: Check = {
  rule: 'capabilities',
  title: 'they are sane, stay the same, and fit the verbs that are there',
  async run(context) {
    const { provider } = context
    assertSane(provider.capabilities)
    assert.deepEqual((await context.reopen()).capabilities, provider.capabilities, 'two opens differ')
    assert.equal(
      provider.capabilities.console === 'none',
      provider.consoleTail === undefined,
      'console, consoleTail',
    )
    assert.equal(provider.specSchema.type, 'object', 'specSchema must be the JSON Schema of an object')
    assert.doesNotThrow(() => JSON.stringify(provider.specSchema))
  },
}

export const specChecks: readonly Check[] = [pure, unknownKeys, everyProblem, readsOnly, capabilities]
