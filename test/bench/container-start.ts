#!/usr/bin/env node
import { image, sharedEngine } from '../docker/engine.ts'
// From a container's start to its agent's registration: ten containers, one after the other, on a real engine.
import { run } from '../support/cli.ts'
import { jobs, newRound } from '../support/round.ts'

const containers = 10

interface Unit {
  readonly entered: Readonly<Record<string, number>>
  readonly marks: Readonly<Record<string, number>>
}

const engine = await sharedEngine()
if (engine.missing) throw new Error(`no Docker engine: ${engine.missing}`)
await using round = await newRound(
  { jobs: jobs(containers, 'true') },
  {
    AGENTCTL_PROVIDER: 'docker',
    AGENTCTL_OWNER: 'bench',
    DOCKER_HOST: `unix://${engine.socket}`,
    NODE_ENV: 'development',
  },
)
const pool = ['--set', `image=${image}`, '--set', 'network=host', '--agent-binary', '/usr/local/bin/agent']
const ended = await run(round.home, 'provision', ...pool, '--concurrency', '1', '--json')
if (ended.code !== 0) throw new Error(`provision ended with ${ended.code}: ${ended.stderr}`)
const { units } = JSON.parse(ended.stdout) as { units: readonly Unit[] }

/** From the request, in seconds: the container's own marks, and what the controller saw. */
const milestones: readonly (readonly [string, (unit: Unit) => number | undefined])[] = [
  ['accepted', unit => unit.entered.booting],
  ['booted', unit => unit.marks.booted],
  ['agent started', unit => unit.marks['agent-started']],
  ['agent registered', unit => unit.marks['agent-registered']],
  ['job done, agent left', unit => unit.marks['agent-ended']],
  ['powered off', unit => unit.marks['power-off']],
  ['terminate accepted', unit => unit.entered.terminating],
  ['gone', unit => unit.entered.gone],
]

function spread(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b)
  const shown = (seconds: number | undefined) => (seconds ?? Number.NaN).toFixed(2).padStart(8)
  return [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)].map(shown).join('  ')
}

console.log(`${units.length} containers, one after the other; seconds since the request`)
console.log(`${''.padEnd(22)}  ${'least'.padStart(8)}  ${'median'.padStart(8)}  ${'most'.padStart(8)}`)
for (const [name, at] of milestones) {
  const times = units.flatMap(unit => {
    const reached = at(unit)
    return reached === undefined ? [] : [(reached - (unit.entered.requested ?? reached)) / 1000]
  })
  console.log(`${name.padEnd(22)}  ${spread(times)}`)
}
const offToTerminate = units.map(
  ({ entered, marks }) => ((entered.terminating ?? 0) - (marks['power-off'] ?? 0)) / 1000,
)
const toRegistered = units.map(({ marks }) => ((marks['agent-registered'] ?? 0) - (marks.booted ?? 0)) / 1000)
console.log(`${'start to registered'.padEnd(22)}  ${spread(toRegistered)}`)
console.log(`${'power-off to terminate'.padEnd(22)}  ${spread(offToTerminate)}`)
