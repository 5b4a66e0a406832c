import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { targetsAt } from '../../../src/demand/schedule.ts'

const hour = 3_600_000
const at = (text: string) => Date.parse(text)

function openAt(cron: string, timeZone: string, hours: number, time: string): boolean {
  const schedules = [{ cron, timeZone, forMs: hours * hour, idle: 7 }]
  return targetsAt({ min: 1, idle: 2, schedules }, at(time)).idle === 7
}

describe('a schedule', () => {
  it.each([
    ['begins on the second', '2026-01-05T08:00:00Z', true],
    ['is not open before', '2026-01-05T07:59:59.999Z', false],
    ['lasts as long as it says', '2026-01-05T11:59:59.999Z', true],
    ['and no longer', '2026-01-05T12:00:00Z', false],
    ['keeps to its days', '2026-01-04T09:00:00Z', false],
  ])('%s', (_, time, isOpen) => expect(openAt('0 8 * * 1-5', 'UTC', 4, time)).toBe(isOpen))

  it('goes by the clock on the wall of its zone, in winter and in summer', () => {
    expect(openAt('0 8 * * *', 'Europe/Berlin', 1, '2026-01-15T07:30:00Z')).toBe(true)
    expect(openAt('0 8 * * *', 'Europe/Berlin', 1, '2026-07-15T06:30:00Z')).toBe(true)
    expect(openAt('0 8 * * *', 'Europe/Berlin', 1, '2026-07-15T07:30:00Z')).toBe(false)
  })

  it('lasts its hours over the night in which the clock goes forth, and that in which it goes back', () => {
    // Berlin, 2026: 02:00 becomes 03:00 on March 29th, 03:00 becomes 02:00 on October 25th.
    const night = (time: string) => openAt('0 1 * * *', 'Europe/Berlin', 3, time)
    expect([night('2026-03-29T00:00:00Z'), night('2026-03-29T02:59:59Z')]).toEqual([true, true])
    expect(night('2026-03-29T03:00:00Z')).toBe(false)
    expect([night('2026-10-24T23:00:00Z'), night('2026-10-25T01:59:59Z')]).toEqual([true, true])
    expect(night('2026-10-25T02:00:00Z')).toBe(false)
  })

  it('that falls into the hour that is left out opens once that night', () => {
    const opens = Array.from({ length: 24 * 12 }, (_, step) => {
      const time = new Date(at('2026-03-28T23:00:00Z') + step * 5 * 60_000).toISOString()
      return openAt('30 2 * * *', 'Europe/Berlin', 0.25, time)
    })
    expect(opens.filter((isOpen, step) => isOpen && !opens[step - 1])).toHaveLength(1)
  })

  it('raises and never lowers, whichever of several are open', () => {
    const schedule = fc.record({
      cron: fc.constantFrom('0 * * * *', '*/5 * * * *', '0 8 * * 1-5', '0 0 1 * *'),
      timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/St_Johns', 'Pacific/Apia'),
      forMs: fc.integer({ min: 60_000, max: 48 * hour }),
      min: fc.nat(9),
      idle: fc.nat(9),
    })
    fc.assert(
      fc.property(
        fc.array(schedule, { maxLength: 3 }),
        fc.date({ min: new Date('2025-01-01'), max: new Date('2028-01-01'), noInvalidDate: true }),
        fc.nat(9),
        fc.nat(9),
        (schedules, date, min, idle) => {
          const targets = targetsAt({ min, idle, schedules }, date.getTime())
          expect(targets.min).toBeGreaterThanOrEqual(min)
          expect(targets.idle).toBeGreaterThanOrEqual(idle)
          expect(targets.min).toBeLessThanOrEqual(Math.max(min, ...schedules.map(one => one.min)))
          expect(targets.idle).toBeLessThanOrEqual(Math.max(idle, ...schedules.map(one => one.idle)))
        },
      ),
      { numRuns: 50 },
    )
  })
})
