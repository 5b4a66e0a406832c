import { z } from 'zod'
import { didYouMean } from '../errors/index.ts'
import { durationPattern, parseDuration } from './duration.ts'
import { mappingOf } from './path.ts'
import { type Issue, strict } from './wording.ts'

/** A job may wait for a day, and what was tried for it is needed until then. */
const keepMsMin = 2 * 86_400_000
const keepRule = 'must be a duration of at least 2d, such as 14d'

/** How much of the past the journal keeps. */
export const historySection = strict({
  keep: z
    .string({ error: keepRule })
    .refine(value => (parseDuration(value) ?? 0) >= keepMsMin, { error: keepRule })
    .default('30d')
    .meta({ pattern: durationPattern.source, description: 'How long what is over is kept, such as 14d' }),
  'max-megabytes': z
    .int()
    .min(8)
    .max(100_000)
    .default(256)
    .describe(
      'Most megabytes of the journal; beyond, the oldest go first, and before them what consoles said',
    ),
})

const price = z.number().min(0).max(100_000)

/** What a machine costs an hour; `offerings` by id, such as `c7i.large/us-east-1a/spot`, by type and market, or by type. */
export const pricesSection = strict({
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, { error: 'must be three letters, such as USD' })
    .default('USD')
    .describe('What prices are in'),
  pools: z
    .record(
      z.string(),
      strict({
        'per-hour': price.optional().describe('A machine and hour, where no offering is named'),
        offerings: z
          .record(z.string(), price)
          .default({})
          .describe('A machine and hour by offering: its id, its type and market, or its type'),
      }),
    )
    .default({})
    .describe('What machines of each pool cost'),
})

export function checkPrices(prices: unknown, pools: readonly string[]): readonly Issue[] {
  return Object.entries(mappingOf(mappingOf(prices).pools)).flatMap(([name, priced]): Issue[] => {
    const path = ['prices', 'pools', name]
    if (!pools.includes(name)) {
      return [{ path, message: `there is no pool of that name${didYouMean(name, pools)}` }]
    }
    const { 'per-hour': perHour, offerings } = mappingOf(priced)
    const isEmpty = perHour === undefined && Object.keys(mappingOf(offerings)).length === 0
    return isEmpty ? [{ path, message: 'must say per-hour, or offerings' }] : []
  })
}
