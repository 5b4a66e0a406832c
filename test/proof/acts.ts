import type { Dice } from '@agentctl/provider-sim'
import type { Act, Config } from './story.ts'

const second = 1_000
const minute = 60 * second
/** With the one before it in it, which no line may hold. */
const renewedToken = 'registration-token-0123456789-renewed'

/** A controller has to look at least every so often, or what a cloud cannot end by itself waits for it. */
const gapMs = [5 * second, 4 * minute] as const
/** What a restart takes, so that little has come to show since. */
const atOnceMs = [second, 10 * second] as const
/** Two commands that cron, or a person, starts at the same time. */
const togetherMs = [0, 2 * second] as const

/** Boundaries that few deaths by number meet, or after which most is in doubt. */
const points: readonly [string, ...string[]] = [
  ...(['before saveBreaker', 'after saveBreaker', 'before saveHubLimit', 'after saveHubLimit'] as const),
  ...['before saveSweptAt', 'after saveSweptAt', 'before saveStockOut', 'after saveStockOut'],
  ...['before-send console', 'accepted console', 'before-send describe', 'before-send terminate'],
  ...['accepted launch', 'answered launch', 'accepted launch', 'answered launch', 'accepted terminate'],
]

export function actsOf(dice: Dice, isShared: boolean, max: number): readonly Act[] {
  const beside = dice.fork('beside')
  const ends = dice.fork('ends')
  const configs = dice.fork('configs')
  const gaps = dice.fork('gaps')
  const acts = Array.from(
    { length: dice.within([1, 6]) },
    (_, at): Act => ({
      command: dice.pick(['provision', 'provision', 'capacity', 'capacity', 'reap']),
      afterMs: at === 0 ? 0 : dice.within(gaps.hits(0.3) ? atOnceMs : gapMs),
      ...(dice.hits(0.7) && { diesAt: dice.within([1, 120]) }),
      ...endOf(ends),
      losesJournal: !isShared && dice.hits(0.1),
      isElsewhere: isShared && dice.hits(0.5),
      isBeside: !isShared && beside.hits(0.3),
      ...(at > 0 && configs.hits(0.25) && { config: configOf(configs, max) }),
    }),
  )
  return inPairs(dice.fork('pairs'), acts)
}

/** Of two commands that live beside each other, both may start at once, and one be cancelled with all that is its own. */
function inPairs(dice: Dice, acts: readonly Act[]): readonly Act[] {
  return acts.map((act, at) => {
    const isSecond = acts[at - 1]?.isBeside === true
    if (!isSecond && !act.isBeside) return act
    return {
      ...act,
      ...(isSecond &&
        dice.hits(0.5) && {
          afterMs: dice.within(togetherMs),
          command: dice.pick<Act['command']>(['provision', 'capacity']),
        }),
      ...(dice.hits(0.3) && { stopsAfterMs: dice.within([second, 2 * minute]), endsItsOwn: true }),
    }
  })
}

/** Other ends than a death by number. */
function endOf(dice: Dice): Partial<Act> {
  if (dice.hits(0.3)) return { diesAt: dice.pick(points) }
  if (dice.hits(0.12)) return { stopsAfterMs: dice.within([second, 3 * minute]) }
  return dice.hits(0.05) ? { leavesAfterMs: dice.within([second, 3 * minute]) } : {}
}

function configOf(dice: Dice, max: number): Config {
  return dice.pick<Config>([
    { pool: { capacity: { max: dice.within([1, max]) } } },
    { token: renewedToken },
    { pool: { spec: { types: ['large', 'small'] } } },
  ])
}
