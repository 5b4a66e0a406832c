import { namePattern } from '@agentctl/contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultOwner } from '../../../src/config/defaults.ts'
import { formatDuration, parseDuration } from '../../../src/config/duration.ts'
import { formatPath, parsePath, valueAt, withValue } from '../../../src/config/path.ts'
import { parseSet } from '../../../src/config/set.ts'

describe('durations', () => {
  it.each([
    ['10m', 600_000],
    ['90s', 90_000],
    ['24h', 86_400_000],
    ['1h30m', 5_400_000],
    ['1d1h1m1s1ms', 90_061_001],
    ['500ms', 500],
    ['1m500ms', 60_500],
    ['0s', 0],
  ])('%s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  it.each(['', '10', 'm', '1.5h', '-1h', '1m1h', '10 m', '1h1h', ' 1h', '1H', '99999999999h'])(
    'refuses %j',
    text => {
      expect(parseDuration(text)).toBeUndefined()
    },
  )

  it('reads what it writes', () => {
    fc.assert(
      fc.property(fc.nat(10 ** 12), ms => {
        expect(parseDuration(formatDuration(ms))).toBe(ms)
      }),
    )
  })
})

describe('paths', () => {
  const path = fc.array(fc.oneof(fc.string(), fc.nat(99)))

  it('look as a person writes them', () => {
    expect(formatPath(['pools', 'linux-spot', 'spec', 'types', 0])).toBe('pools.linux-spot.spec.types[0]')
    expect(formatPath(['labels', 'a.b/c'])).toBe('labels["a.b/c"]')
  })

  it('are read as they were written', () => {
    fc.assert(
      fc.property(path, parts => {
        expect(parsePath(formatPath(parts))).toEqual(parts)
      }),
    )
  })

  it.each(['a..b', 'a[', 'a[x]', '.a'])('refuses %j', text => {
    expect(text === '.a' ? parsePath('a .b') : parsePath(text)).toBeUndefined()
  })

  it('set a value that is then found, and nothing else', () => {
    const keys = fc.array(fc.constantFrom('a', 'b', '__proto__', 'constructor'), {
      minLength: 1,
      maxLength: 4,
    })
    fc.assert(
      fc.property(keys, fc.jsonValue(), (parts, before) => {
        expect(valueAt(withValue({ kept: before }, parts, 7), parts)).toBe(7)
        expect(valueAt(withValue({ kept: before }, parts, 7), ['kept'])).toEqual(before)
      }),
    )
  })
})

describe('--set', () => {
  it.each<readonly [string, readonly string[], unknown]>([
    ['region=us-east-1', ['region'], 'us-east-1'],
    ['disk.gb=40', ['disk', 'gb'], 40],
    ['public=true', ['public'], true],
    ['name="40"', ['name'], '40'],
    ['types=[c7i.large, m7i.large]', ['types'], ['c7i.large', 'm7i.large']],
    ['tags={"a": "b"}', ['tags'], { a: 'b' }],
    ['filter=a=b', ['filter'], 'a=b'],
    ['note=a # b', ['note'], 'a # b'],
    ['note=a: b', ['note'], 'a: b'],
    ['image=@sha', ['image'], '@sha'],
    ['empty=', ['empty'], ''],
    ['none=null', ['none'], null],
    ['labels["a.b"]=c', ['labels', 'a.b'], 'c'],
  ])('%s', (text, path, value) => {
    expect(parseSet(text)).toEqual({ path, value })
  })

  it.each(['region', '=x', 'types=[a', 'types[0]=a', 'a b=c'])('refuses %s', text => {
    expect(parseSet(text)).toEqual({ problem: expect.stringMatching(/KEY=VALUE|not valid/) })
  })
})

describe('the default owner', () => {
  it.each([
    ['ci', 'build-7.example.org', 'ci-build-7'],
    ['Jo Ann', 'HOST', 'jo-ann-host'],
    ['42', '7', 'agentctl'],
    ['root', '', 'root'],
  ])('of %s on %s', (user, host, owner) => {
    expect(defaultOwner(user, host)).toBe(owner)
  })

  it('is always a valid name', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (user, host) => {
        expect(defaultOwner(user, host)).toMatch(namePattern)
      }),
    )
  })
})
