import { callClasses, countCalls } from '../clouds/aws/calls.ts'
import { missingMoto, startMoto } from '../clouds/aws/moto.ts'
import { setStage, subnetsOf } from '../clouds/aws/stage.ts'
import { jobs } from '../support/round.ts'

/**
 * Calls of EC2's API over a run of the built command line on the emulated cloud, with guests played from their real
 * user data: `npm run bench:api [JOBS]`, 1,000 unless given. Fails when a bound is not kept.
 */
const bounds = { createAndTerminateAMachine: 0.05, listsAMinute: 12 }

const wanted = Number(process.argv[2] ?? 1_000)
const missing = missingMoto()
if (missing !== undefined) throw new Error(missing)
await using moto = await startMoto()
await using stage = await setStage(moto, await subnetsOf(moto), {
  hub: { jobs: jobs(wanted, 'sleep 10') },
  // moto takes seconds for a launch of a hundred, and no real machine boots sooner.
  bootMs: 5_000 + 50 * wanted,
})
const startedAt = Date.now()
const ended = await stage.run('provision', '--concurrency', String(wanted), '--json')
const seconds = (Date.now() - startedAt) / 1000
if (ended.code !== 0) throw new Error(`provision ended with ${ended.code}: ${ended.stderr}`)

const machines = (await stage.instances()).length
const { counts, listsAMinute } = countCalls(stage.front.passed)
process.stdout.write(`${wanted} jobs, ${machines} machines, ${seconds.toFixed(1)} s\n`)
for (const kind of callClasses) {
  const each = (counts[kind] / machines).toFixed(3)
  process.stdout.write(`${kind.padEnd(10)} ${String(counts[kind]).padStart(6)} calls ${each} a machine\n`)
}
const each = (counts.create + counts.terminate) / machines
process.stdout.write(
  `create and terminate: ${each.toFixed(3)} a machine, at most ${bounds.createAndTerminateAMachine}\n`,
)
process.stdout.write(`lists: ${listsAMinute} in any minute, at most ${bounds.listsAMinute}\n`)
const isKept = each <= bounds.createAndTerminateAMachine && listsAMinute <= bounds.listsAMinute
if (!isKept) process.exitCode = 1
