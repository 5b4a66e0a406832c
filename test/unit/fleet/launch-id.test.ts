import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { agentName, base32, digestOf, type LaunchIdentity, launchIdOf } from '../../../src/fleet/launch-id.ts'

const identity: LaunchIdentity = {
  owner: 'acme-ci',
  agentType: 's1-linux',
  wants: ['b', 'a', 'c'],
  attempt: 1,
  offeringId: 'aws/1/us-east-1/c7i.large/a/spot',
}

const anyIdentity: fc.Arbitrary<LaunchIdentity> = fc.record({
  owner: fc.string(),
  agentType: fc.string(),
  wants: fc.array(fc.string(), { minLength: 1, maxLength: 5 }),
  attempt: fc.integer({ min: 1, max: 1000 }),
  offeringId: fc.string(),
})

describe('base32', () => {
  // RFC 4648, section 10, without padding and in lower case.
  it.each([
    ['', ''],
    ['f', 'my'],
    ['fo', 'mzxq'],
    ['foo', 'mzxw6'],
    ['foob', 'mzxw6yq'],
    ['fooba', 'mzxw6ytb'],
    ['foobar', 'mzxw6ytboi'],
  ])('of %j is %j', (text, encoded) => {
    expect(base32(new TextEncoder().encode(text))).toBe(encoded)
  })

  it('tells any two byte strings of one length apart', () => {
    const pair = fc.nat({ max: 40 }).chain(length => {
      const bytes = fc.uint8Array({ minLength: length, maxLength: length })
      return fc.tuple(bytes, bytes)
    })
    fc.assert(
      fc.property(pair, ([one, other]) => {
        const isSame = one.every((byte, at) => byte === other[at])
        expect(base32(one) === base32(other)).toBe(isSame)
      }),
    )
  })
})

describe('launchIdOf', () => {
  it('has 26 characters that every cloud takes in a name, a letter first', () => {
    fc.assert(fc.property(anyIdentity, one => /^[a-z][a-z2-7]{25}$/.test(launchIdOf(one))))
  })

  it('does not depend on the order of the wants', () => {
    fc.assert(
      fc.property(anyIdentity, fc.infiniteStream(fc.nat()), (one, order) => {
        const shuffled = one.wants
          .map(want => ({ want, at: order.next().value }))
          .sort((a, b) => a.at - b.at)
          .map(({ want }) => want)
        expect(launchIdOf({ ...one, wants: shuffled })).toBe(launchIdOf(one))
      }),
    )
  })

  it.each<[string, Partial<LaunchIdentity>]>([
    ['owner', { owner: 'acme-cd' }],
    ['agent type', { agentType: 's1-mac' }],
    ['wants', { wants: ['a', 'b', 'd'] }],
    ['number of wants', { wants: ['a', 'b'] }],
    ['attempt', { attempt: 2 }],
    ['offering', { offeringId: 'aws/1/us-east-1/c7i.large/b/spot' }],
  ])('changes with the %s', (_, change) => {
    expect(launchIdOf({ ...identity, ...change })).not.toBe(launchIdOf(identity))
  })

  it('differs for any two different identities', () => {
    const normal = (one: LaunchIdentity) => JSON.stringify({ ...one, wants: [...one.wants].sort() })
    fc.assert(
      fc.property(anyIdentity, anyIdentity, (one, other) => {
        expect(launchIdOf(one) === launchIdOf(other)).toBe(normal(one) === normal(other))
      }),
    )
  })

  it('does not confuse parts that join to the same text', () => {
    expect(launchIdOf({ ...identity, wants: ['a,b'] })).not.toBe(
      launchIdOf({ ...identity, wants: ['a', 'b'] }),
    )
    expect(launchIdOf({ ...identity, owner: 'a', agentType: 'bc' })).not.toBe(
      launchIdOf({ ...identity, owner: 'ab', agentType: 'c' }),
    )
  })

  it('leaves the given list as it was', () => {
    const wants = Object.freeze(['b', 'a'])
    expect(() => launchIdOf({ ...identity, wants })).not.toThrow()
  })
})

describe('digestOf', () => {
  const data = new Uint8Array([1, 2, 3])

  it('is hex of SHA-256, the same for the same request', () => {
    expect(digestOf(data, { a: 1 }, 'x')).toMatch(/^[0-9a-f]{64}$/)
    expect(digestOf(data, { a: 1 }, 'x')).toBe(digestOf(new Uint8Array([1, 2, 3]), { a: 1 }, 'x'))
  })

  it.each([
    ['user data', digestOf(new Uint8Array([1, 2, 4]), { a: 1 }, 'x')],
    ['a part', digestOf(data, { a: 2 }, 'x')],
    ['the number of parts', digestOf(data, { a: 1 })],
  ])('changes with %s', (_, other) => expect(other).not.toBe(digestOf(data, { a: 1 }, 'x')))
})

describe('agentName', () => {
  it('fits what the hub takes, for the longest owner and any index', () => {
    const name = agentName(`a${'b'.repeat(30)}`, launchIdOf(identity), 9999)
    expect(name).toMatch(/^[A-Za-z0-9\-_/+]{8,80}$/)
  })
})
