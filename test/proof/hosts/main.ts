import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { campaign } from '../campaign.ts'
import { add, nothing, type Totals } from '../totals.ts'
import { playHosts } from './play.ts'
import { type HostStory, hostStoryOf } from './story.ts'

const usage = `npm run proof:hosts -- [--seeds N] [--from K] [--jobs J] [--minutes M]
npm run proof:hosts -- --seed X      one story alone, with its log`

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    /** No new story after so many. */
    minutes: { type: 'string', default: 'Infinity' },
    seed: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
const startedAt = Date.now()
const isLate = () => Date.now() - startedAt > Number(values.minutes) * 60_000

const say = (words: string) => void process.stderr.write(`${words}\n`)
const tell = (words: string) => void process.stdout.write(`${words}\n`)

function* storiesFrom(from: number, count: number): Generator<HostStory> {
  for (let at = from; at < from + count; at++) yield hostStoryOf(`seed ${at}`)
}

async function replay(seed: string): Promise<boolean> {
  const story = hostStoryOf(/^\d+$/.test(seed) ? `seed ${seed}` : seed)
  tell(JSON.stringify(story, undefined, 1))
  const { log, violations } = await playHosts(story)
  for (const line of log) tell(line)
  for (const words of violations) tell(`violated: ${words}`)
  tell(violations.length === 0 ? `${seed}: all holds` : `${seed}: ${violations.length} do not hold`)
  return violations.length === 0
}

async function prove(count: number, from: number, jobs: number): Promise<boolean> {
  let totals: Totals = nothing
  await campaign({
    stories: storiesFrom(from, count),
    jobs,
    player: 'test/proof/hosts/player.ts',
    onOutcome(outcome) {
      totals = add(totals, outcome)
      if (outcome.violations.length > 0) say(`${outcome.seed}: ${outcome.violations.join('; ')}`)
      if (totals.stories % 100 === 0) say(`${totals.stories} of ${count}`)
      return isLate() ? 'enough' : undefined
    },
  })
  say([...totals.reached].sort().join('\n'))
  const { failed, reached, ...figures } = totals
  tell(JSON.stringify({ ...figures, failed: failed.length }))
  return failed.length === 0
}

const { seeds, from, jobs, seed, help } = values
if (help) tell(usage)
else
  process.exitCode = (await (seed !== undefined
    ? replay(seed)
    : prove(Number(seeds), Number(from), Number(jobs))))
    ? 0
    : 1
