import { decodeJobId, type Unit } from '@agentctl/contract'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  asTags,
  decodeUnits,
  encodeUnits,
  ownershipIn,
  ownTags,
  userTagsMax,
} from '../../plugins/aws/src/tags.ts'

const jobId = fc.uint8Array({ minLength: 16, maxLength: 16 }).map(bytes => {
  const id = decodeJobId(Buffer.from(bytes).toString('base64url'))
  if (id === undefined) throw new Error('16 bytes make an id')
  return id
})
const name = fc.stringMatching(/^[A-Za-z0-9_/+-]{8,40}$/)
const unit = fc.record(
  { name, attempt: fc.integer({ min: 1, max: 99 }), jobId },
  { requiredKeys: ['name', 'attempt'] },
)
const units = fc
  .array(unit, { minLength: 1, maxLength: 20 })
  .map(all => all.map((one, index): Unit => ({ ...one, index })))

const ownership = {
  owner: 'acme',
  pool: 'p',
  agentType: 's1-x',
  launchId: 'a'.repeat(26),
  digest: 'd',
  version: 1,
}

it('units are read as they were written, whatever their names', () => {
  fc.assert(
    fc.property(units, all => {
      expect(decodeUnits(encodeUnits(all))).toEqual(all)
    }),
  )
})

it('tags say all of it, with room for those of the user', () => {
  fc.assert(
    fc.property(units, fc.integer({ min: 1, max: 2 ** 31 }), (all, seconds) => {
      const tags = ownTags({ ...ownership, units: all }, { at: seconds * 1000 })
      expect(Object.values(tags ?? {}).every(value => value.length <= 256)).toBe(true)
      expect(ownershipIn(asTags(tags ?? {}), 'acme', 0)).toEqual({
        ...ownership,
        units: all,
        expiresAt: seconds * 1000,
      })
    }),
  )
})

it('a hundred bound units fit beside twenty-five tags of the user', () => {
  const all = Array.from({ length: 100 }, (_, index) => ({
    index,
    attempt: 3,
    name: `acme-${'a'.repeat(26)}-${index}`,
    jobId: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
  }))
  const tags = ownTags({ ...ownership, units: all }, { at: 1_000 }) ?? {}
  expect(Object.keys(tags).length + 1 + userTagsMax).toBeLessThanOrEqual(50)
  expect(ownershipIn(asTags(tags), 'acme', 0)?.units).toEqual(all)
})

it('a duration counts from the creation, until a mark goes over it', () => {
  const tags = ownTags({ ...ownership, units: [] }, { afterMs: 60_000 }) ?? {}
  expect(ownershipIn(asTags(tags), 'acme', 5_000)?.expiresAt).toBe(65_000)
  const marked = { ...tags, 'agentctl-expires-at': '99' }
  expect(ownershipIn(asTags(marked), 'acme', 5_000)?.expiresAt).toBe(99_000)
})

it("tags of another owner's say nothing", () => {
  const tags = ownTags({ ...ownership, units: [] }, { at: 1 }) ?? {}
  expect(ownershipIn(asTags(tags), 'other', 0)).toBeUndefined()
})
