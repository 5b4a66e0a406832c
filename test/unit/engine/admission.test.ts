import { type Call, contractError, type Log, type Provider, type Rate } from '@agentctl/contract'
import { createVirtualClock, type VirtualClock } from '@agentctl/provider-sim'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openAdmission } from '../../../src/engine/admission.ts'
import { backoffMs } from '../../../src/engine/backoff.ts'
import { withCall } from '../../../src/engine/calls.ts'
import { patiently } from '../../../src/engine/patiently.ts'
import { drained, fullBucket, take } from '../../../src/engine/rates.ts'
import { capabilities, scope } from '../fleet/build.ts'

const log: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined }
const never = new AbortController().signal

describe('a token bucket', () => {
  const rate = { burst: 3, perSecond: 2 }

  it('gives its burst at once, then one at a time', () => {
    let bucket = fullBucket(rate, 0)
    const waits = Array.from({ length: 6 }, () => {
      const taken = take(bucket, 0)
      bucket = taken.bucket
      return taken.waitMs
    })
    expect(waits).toEqual([0, 0, 0, 500, 1000, 1500])
  })

  it('fills up to its burst, and no further', () => {
    const { bucket } = take(fullBucket(rate, 0), 0)
    const later = [1, 2, 3, 4].reduce(
      ({ bucket: left, waits }) => {
        const taken = take(left, 3_600_000)
        return { bucket: taken.bucket, waits: [...waits, taken.waitMs] }
      },
      { bucket, waits: [] as number[] },
    )
    expect(later.waits).toEqual([0, 0, 0, 500])
  })

  it('is not filled by a clock that goes back', () => {
    const { bucket } = take(take(take(fullBucket(rate, 1000), 1000).bucket, 1000).bucket, 1000)
    expect(take(bucket, 0).waitMs).toBeGreaterThan(0)
  })

  it('never gives more than burst and rate allow, in any span', () => {
    const gaps = fc.array(fc.nat(2_000), { minLength: 1, maxLength: 60 })
    // Whole milliseconds: one of them more or less.
    fc.assert(
      fc.property(
        gaps,
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 5 }),
        (waits, burst, perSecond) => {
          let bucket = fullBucket({ burst, perSecond }, 0)
          let now = 0
          const sent = waits.map(gap => {
            now += gap
            const taken = take(bucket, now)
            bucket = taken.bucket
            return now + taken.waitMs
          })
          for (const [from, start] of sent.entries()) {
            for (const [to, end] of sent.entries()) {
              if (to < from) continue
              expect(to - from + 1).toBeLessThanOrEqual(
                burst + ((end - start) / 1000) * perSecond + 0.001 * perSecond + 1e-6,
              )
            }
          }
        },
      ),
    )
  })

  it.each([
    [100, 500],
    [5_000, 5_000],
    [60_000, 60_000],
  ])('told to wait %i ms gives the next token after %i ms', (retryAfterMs, waitMs) => {
    expect(take(drained(fullBucket(rate, 0), 0, retryAfterMs), 0).waitMs).toBe(waitMs)
  })

  it('told to wait keeps what it has promised', () => {
    let bucket = fullBucket(rate, 0)
    for (let at = 0; at < 13; at++) bucket = take(bucket, 0).bucket
    expect(take(drained(bucket, 0, 1_000), 0).waitMs).toBe(5_500)
  })
})

describe('backoff', () => {
  it('doubles from a second to a minute, and spreads over the upper half', () => {
    const bounds = [1, 2, 3, 6, 7, 60, 2000].map(tries =>
      [0, 1].map(next => backoffMs(tries, { next: () => next })),
    )
    expect(bounds).toEqual([
      [500, 1000],
      [1000, 2000],
      [2000, 4000],
      [16_000, 32_000],
      [30_000, 60_000],
      [30_000, 60_000],
      [30_000, 60_000],
    ])
  })
})

function admissionOn(
  clock: VirtualClock,
  rates: Partial<Record<'launch' | 'terminate' | 'read' | 'mark', Rate>>,
) {
  const provider = {
    capabilities: { ...capabilities, rates: { ...capabilities.rates, ...rates } },
  } as Provider
  const stop = new AbortController()
  const admission = openAdmission(new Map([['sim', provider]]), { clock, log, signal: stop.signal })
  return { admission, stop }
}

describe('admission', () => {
  const slow = { burst: 1, perSecond: 1 }

  it('sends at the declared rate', async () => {
    const clock = createVirtualClock(0)
    const { admission } = admissionOn(clock, { launch: { burst: 2, perSecond: 1 } })
    const sent: number[] = []
    const calls = [1, 2, 3, 4].map(() =>
      admission.admit('sim', scope, 'launch', async () => void sent.push(clock.now())),
    )
    await clock.drive(Promise.all(calls))
    expect(sent).toEqual([0, 0, 1000, 2000])
  })

  it('does not keep deletes behind launches, nor one scope behind another', async () => {
    const clock = createVirtualClock(0)
    const { admission } = admissionOn(clock, { launch: slow, terminate: slow })
    const sent: string[] = []
    const call = (name: string, callClass: 'launch' | 'terminate', where = scope) =>
      admission.admit('sim', where, callClass, async () => void sent.push(`${name} ${clock.now()}`))
    const calls = [
      ...[1, 2, 3].map(() => call('launch', 'launch')),
      call('delete', 'terminate'),
      call('elsewhere', 'launch', { ...scope, region: 'there' }),
    ]
    await clock.drive(Promise.all(calls))
    expect(sent.slice(0, 3).toSorted()).toEqual(['delete 0', 'elsewhere 0', 'launch 0'])
  })

  it('has at most sixteen of a class under way', async () => {
    const clock = createVirtualClock(0)
    const { admission } = admissionOn(clock, { read: { burst: 100, perSecond: 100 } })
    let [underWay, most] = [0, 0]
    const work = async () => {
      most = Math.max(most, ++underWay)
      await clock.sleep(100)
      underWay--
    }
    await clock.drive(
      Promise.all(Array.from({ length: 40 }, () => admission.admit('sim', scope, 'read', work))),
    )
    expect(most).toBe(16)
  })

  it('refuses at once what would wait for too long, and says so before', async () => {
    const clock = createVirtualClock(0)
    const { admission } = admissionOn(clock, { launch: slow })
    const calls = Array.from({ length: 30 }, async () => {
      const room = admission.hasRoom('sim', scope, 'launch')
      const end = await admission.admit('sim', scope, 'launch', async () => 'sent').catch(error => error.code)
      return [room, end]
    })
    const ends = await clock.drive(Promise.all(calls))
    expect(ends.slice(0, 21)).toEqual(Array(21).fill([true, 'sent']))
    expect(ends.slice(21)).toEqual(Array(9).fill([false, 'rate-limited']))
    expect(clock.now()).toBe(20_000)
  })

  it('does not send what has waited too long behind calls that hang', async () => {
    const clock = createVirtualClock(0)
    const { admission } = admissionOn(clock, { launch: { burst: 100, perSecond: 100 } })
    const hang = ({ signal }: Call) =>
      new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    const hanging = Array.from({ length: 16 }, () =>
      admission.admit('sim', scope, 'launch', hang).catch(() => 'hung'),
    )
    let isSent = false
    const behind = admission.admit('sim', scope, 'launch', async () => {
      isSent = true
    })
    await expect(clock.drive(behind)).rejects.toMatchObject({ code: 'rate-limited' })
    expect(isSent).toBe(false)
    expect(await clock.drive(Promise.all(hanging))).toEqual(Array(16).fill('hung'))
  })

  it('waits as long as a cloud says that is too fast', async () => {
    const clock = createVirtualClock(0)
    const { admission } = admissionOn(clock, {})
    const refused = admission.admit('sim', scope, 'launch', async () => {
      throw contractError('rate-limited', 'slow down', { retryAfterMs: 7_000 })
    })
    await expect(clock.drive(refused)).rejects.toMatchObject({ code: 'rate-limited' })
    const sentAt = await clock.drive(admission.admit('sim', scope, 'launch', async () => clock.now()))
    expect(sentAt).toBe(7_000)
  })

  it('is bounded also where a cloud says to wait for an hour', async () => {
    const clock = createVirtualClock(0)
    const { admission } = admissionOn(clock, {})
    const hour = contractError('rate-limited', 'slow down', { retryAfterMs: 3_600_000 })
    await admission.admit('sim', scope, 'read', () => Promise.reject(hour)).catch(() => undefined)
    const next = admission.admit('sim', scope, 'read', async () => 1)
    await expect(next).rejects.toMatchObject({ code: 'rate-limited', retryAfterMs: expect.any(Number) })
    expect(clock.now()).toBe(0)
  })

  it('ends its waits when the command leaves', async () => {
    const clock = createVirtualClock(0)
    const { admission, stop } = admissionOn(clock, { launch: slow })
    await admission.admit('sim', scope, 'launch', async () => 1)
    const waiting = admission.admit('sim', scope, 'launch', async () => 2)
    stop.abort(new Error('leaving'))
    await expect(waiting).rejects.toThrow('leaving')
    expect(clock.now()).toBe(0)
  })
})

describe('withCall', () => {
  it('says when to be done, and tells when it is over', async () => {
    const clock = createVirtualClock(0)
    const work = async ({ signal, deadlineMs }: Call) => {
      expect(deadlineMs).toBe(1_000)
      await clock.sleep(5_000, signal)
    }
    await expect(clock.drive(withCall({ clock, log, signal: never }, 1_000, work))).rejects.toThrow(
      'no answer within 1 s',
    )
    expect(clock.now()).toBe(1_000)
  })

  it('does not wait for a provider that does not listen', async () => {
    const clock = createVirtualClock(0)
    const deaf = () => new Promise<never>(() => undefined)
    const call = withCall({ clock, log, signal: never }, 1_000, deaf)
    await expect(clock.drive(call)).rejects.toMatchObject({ code: 'outcome-unknown' })
    expect(clock.now()).toBeLessThan(10_000)
  })

  it('leaves no timer behind', async () => {
    const clock = createVirtualClock(0)
    await withCall({ clock, log, signal: never }, 1_000, async () => 1)
    await withCall({ clock, log, signal: never }, 1_000, () => Promise.reject(new Error('x'))).catch(
      () => undefined,
    )
    await clock.advance(0)
    expect(clock.pending()).toBe(0)
  })

  it('hands on that the command leaves', async () => {
    const clock = createVirtualClock(0)
    const stop = new AbortController()
    const call = withCall({ clock, log, signal: stop.signal }, 1_000, ({ signal }) =>
      clock.sleep(900, signal),
    )
    stop.abort(new Error('leaving'))
    await expect(call).rejects.toThrow('leaving')
  })
})

describe('patiently', () => {
  const random = { next: () => 1 }

  it.each(['unavailable', 'rate-limited'] as const)('asks again when it is %s', async code => {
    const clock = createVirtualClock(0)
    let tries = 0
    const ask = async () => {
      if (++tries < 4) throw contractError(code, 'away')
      return 'here'
    }
    expect(await clock.drive(patiently({ clock, random, log, signal: never }, ask))).toBe('here')
  })

  it.each(['unauthenticated', 'permission-denied', 'invalid-spec'] as const)(
    'does not when it is %s',
    async code => {
      const clock = createVirtualClock(0)
      let tries = 0
      const ask = async () => {
        tries++
        throw contractError(code, 'no')
      }
      await expect(patiently({ clock, random, log, signal: never }, ask)).rejects.toMatchObject({ code })
      expect(tries).toBe(1)
    },
  )

  it('has an end, whatever wait it is told', async () => {
    for (const retryAfterMs of [undefined, 3_600_000]) {
      const clock = createVirtualClock(0)
      const ask = () =>
        Promise.reject(
          contractError('rate-limited', 'no', retryAfterMs === undefined ? {} : { retryAfterMs }),
        )
      await expect(clock.drive(patiently({ clock, random, log, signal: never }, ask))).rejects.toThrow('no')
      expect(clock.now()).toBe(60_000)
    }
  })
})
