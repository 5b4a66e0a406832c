import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { type Bug, bugs } from './bugs.ts'
import { campaign } from './campaign.ts'
import { orphanLives } from './orphan-lives.ts'
import { type Catch, huntAll } from './planted.ts'
import { play } from './play.ts'
import { crashPoints, pointOf } from './points.ts'
import { shrink } from './shrink.ts'
import { sometimes } from './sometimes.ts'
import { type Story, storyOf } from './story.ts'
import { tableOf } from './table.ts'
import { add, nothing, type Totals } from './totals.ts'

const usage = `npm run proof -- [--seeds N] [--from K] [--jobs J] [--minutes M] [--only stories|points|bugs]
npm run proof -- --seed X      one story or crash point alone, with its log`

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    /** No new story after so many. */
    minutes: { type: 'string', default: 'Infinity' },
    only: { type: 'string' },
    seed: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
const startedAt = Date.now()
const isLate = () => Date.now() - startedAt > Number(values.minutes) * 60_000

const say = (words: string) => void process.stderr.write(`${words}\n`)
const tell = (words: string) => void process.stdout.write(`${words}\n`)

function* storiesFrom(from: number, count: number): Generator<Story> {
  for (let at = from; at < from + count; at++) yield storyOf(`seed ${at}`)
}

const storyNamed = (seed: string) => pointOf(seed) ?? storyOf(/^\d+$/.test(seed) ? `seed ${seed}` : seed)

async function replay(seed: string): Promise<boolean> {
  const { log, violations } = await play(storyNamed(seed))
  for (const line of log) tell(line)
  for (const words of violations) tell(`violated: ${words}`)
  tell(violations.length === 0 ? `${seed}: all holds` : `${seed}: ${violations.length} do not hold`)
  return violations.length === 0
}

async function playAll(stories: Iterable<Story>, count: number, jobs: number): Promise<Totals> {
  let totals = nothing
  await campaign({
    stories,
    jobs,
    onOutcome(outcome) {
      totals = add(totals, outcome)
      if (outcome.violations.length > 0) say(`${outcome.seed}: ${outcome.violations.join('; ')}`)
      if (totals.stories % 100 === 0) say(`${totals.stories} of ${count}`)
      return isLate() ? 'enough' : undefined
    },
  })
  return totals
}

async function fails(story: Story): Promise<boolean> {
  let hasFailed = false
  await campaign({
    stories: [story],
    jobs: 1,
    onOutcome({ violations }) {
      hasFailed = violations.length > 0
      return undefined
    },
  })
  return hasFailed
}

function sayHunted({ name }: Bug, found: Catch | undefined): void {
  say(found ? `planted: ${name}: ${found.seed}: ${found.words}` : `planted: ${name}: MISSED`)
}

async function playPoints(jobs: number): Promise<Totals> {
  const points = await crashPoints()
  return playAll(points, points.length, jobs)
}

async function prove(count: number, from: number, jobs: number, only: string | undefined): Promise<boolean> {
  const isAsked = (part: string) => only === undefined || only === part
  const totals = isAsked('stories') ? await playAll(storiesFrom(from, count), count, jobs) : undefined
  const points = isAsked('points') ? await playPoints(jobs) : undefined
  const missed = isAsked('bugs') ? await huntAll(bugs, jobs, sayHunted) : undefined
  const unreached = totals ? sometimes.filter(one => !totals.reached.has(one)) : []
  for (const one of unreached) say(`never reached: ${one}`)
  tell(tableOf({ totals, points, missed, unreached, lives: totals ? await orphanLives() : undefined }))
  const failed = [...(totals?.failed ?? []), ...(points?.failed ?? [])]
  for (const { seed } of failed.slice(0, 1)) {
    say(`${seed}, as small as it still fails:`)
    say(JSON.stringify(await shrink(storyNamed(seed), fails), undefined, 1))
  }
  return failed.length + (missed?.length ?? 0) + unreached.length === 0
}

const { seeds, from, jobs, only, seed, help } = values
if (help) tell(usage)
else {
  const holds = seed !== undefined ? replay(seed) : prove(Number(seeds), Number(from), Number(jobs), only)
  process.exitCode = (await holds) ? 0 : 1
}
