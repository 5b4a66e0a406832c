import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import type { Bug } from '../bugs.ts'
import { campaign } from '../campaign.ts'
import { type Catch, huntAll } from '../planted.ts'
import { add, nothing, type Totals } from '../totals.ts'
import { hostBugs } from './bugs.ts'
import { playHosts } from './play.ts'
import { hostSometimes } from './sometimes.ts'
import { type HostStory, hostStoryOf } from './story.ts'

const usage = `npm run proof:hosts -- [--seeds N] [--from K] [--jobs J] [--minutes M] [--only stories|bugs]
npm run proof:hosts -- --seed X      one story alone, with its log`

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

const player = 'test/proof/hosts/player.ts'

async function playAll(count: number, from: number, jobs: number): Promise<Totals> {
  let totals: Totals = nothing
  await campaign({
    stories: storiesFrom(from, count),
    jobs,
    player,
    onOutcome(outcome) {
      totals = add(totals, outcome)
      if (outcome.violations.length > 0) say(`${outcome.seed}: ${outcome.violations.join('; ')}`)
      if (totals.stories % 100 === 0) say(`${totals.stories} of ${count}`)
      return isLate() ? 'enough' : undefined
    },
  })
  return totals
}

function sayHunted({ name }: Bug<HostStory>, found: Catch | undefined): void {
  say(found ? `planted: ${name}: ${found.seed}: ${found.words}` : `planted: ${name}: MISSED`)
}

function tableOf(
  totals: Totals | undefined,
  unreached: readonly string[],
  missed: readonly string[] | undefined,
) {
  const count = (many: number) => many.toLocaleString('en')
  const rows: (readonly [string, string])[] = []
  if (totals)
    rows.push(
      ['stories of three hosts', count(totals.stories)],
      ['launches simulated', count(totals.launches)],
      ['machines', count(totals.machines)],
      ['faults injected', count(totals.faults)],
      ['hosts that died', count(totals.deaths)],
      ['leaked machine-minutes', totals.leakedMinutes.toFixed(totals.leakedMinutes > 0 ? 1 : 0)],
      ['doubled jobs', count(totals.doubled)],
      ['stories in which something did not hold', count(totals.failed.length)],
      ['"sometimes" reached', `${hostSometimes.length - unreached.length} of ${hostSometimes.length}`],
    )
  if (missed) rows.push(['planted bugs caught', `${hostBugs.length - missed.length} of ${hostBugs.length}`])
  return [
    '| what | how many |',
    '| --- | --- |',
    ...rows.map(([what, many]) => `| ${what} | ${many} |`),
  ].join('\n')
}

async function prove(count: number, from: number, jobs: number, only: string | undefined): Promise<boolean> {
  const totals = only === 'bugs' ? undefined : await playAll(count, from, jobs)
  const hunting = { storyNamed: hostStoryOf, player }
  const missed = only === 'stories' ? undefined : await huntAll(hostBugs, jobs, sayHunted, hunting)
  const unreached = totals ? hostSometimes.filter(one => !totals.reached.has(one)) : []
  for (const one of unreached) say(`never reached: ${one}`)
  tell(tableOf(totals, unreached, missed))
  return (totals?.failed.length ?? 0) + unreached.length + (missed?.length ?? 0) === 0
}

const { seeds, from, jobs, only, seed, help } = values
if (help) tell(usage)
else {
  const holds = seed !== undefined ? replay(seed) : prove(Number(seeds), Number(from), Number(jobs), only)
  process.exitCode = (await holds) ? 0 : 1
}
