// Every benchmark, into docs/benchmarks.md: `npm run bench [JOBS] [NAME...]`; so many machines for the API's calls, 100
// unless given. With names (`npm run bench -- size tick`) the others' rows stay as they are.
import { readFileSync, writeFileSync } from 'node:fs'
import { arch, cpus, loadavg, platform, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { benchmarks } from './all.ts'
import { isKept, rowText } from './row.ts'

const page = fileURLToPath(new URL('../../docs/benchmarks.md', import.meta.url))
const given = process.argv.slice(2)
const machines = Number(given.find(one => /^\d+$/.test(one)) ?? 100)
const names = given.filter(one => !/^\d+$/.test(one))

const [, , loadBefore = 0] = loadavg()
const load = loadBefore.toFixed(1)
const before = readFileSync(page, 'utf8').split('\n')
const lines: string[] = []
const leftOut: string[] = []
let areAllKept = true
for (const [name, measure] of Object.entries(benchmarks(machines))) {
  if (names.length > 0 && !names.includes(name)) {
    lines.push(...before.filter(line => line.startsWith(`| ${name} `) || line.startsWith(`| ${name}, `)))
    continue
  }
  process.stderr.write(`${name}\n`)
  try {
    const rows = await measure()
    areAllKept &&= rows.every(isKept)
    lines.push(...rows.map(row => `| ${rowText(row).join(' | ')} |`))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    process.stderr.write(`${why}\n`)
    leftOut.push(name)
  }
}

const size = `${cpus().length} processors, ${Math.round(totalmem() / 2 ** 30)} GiB, ${platform()} ${arch()}, Node ${process.version}`
const text = [
  '# Benchmarks',
  '',
  `Written by \`npm run bench\` on ${size}, at a load average of ${load} by other work.`,
  '`×` is times the wall time of `node -e 0` on the same machine in the same run: it says more than seconds of a machine',
  'that nobody else has. Starts are medians of 15, each measured right after a bare Node of its own. Ticks run on the real',
  'engine and journal, from source, with a cloud and a hub that answer from the memory of the same process; how they grow',
  'is counted in processor time, which other work on the machine does not stretch. Sizes are the contents of files, of each',
  'package installed alone from its tarball into an empty folder. Nothing here ran against a real cloud.',
  '`npm run bench:startup`, `bench:size`, `bench:api`, `bench:container` and `bench:capacity` (a day of load) run one alone.',
  ...(leftOut.length === 0 ? [] : ['', `Not measured, since it failed here: ${leftOut.join(', ')}.`]),
  '',
  '| benchmark | what | figure | at most |',
  '| --- | --- | --- | --- |',
  ...lines,
  '',
].join('\n')
writeFileSync(page, text)
process.stdout.write(`${text}\n`)
if (leftOut.length > 0 || !areAllKept) process.exitCode = 1
