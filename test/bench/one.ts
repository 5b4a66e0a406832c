// One benchmark, printed: `npm run bench:startup`, `npm run bench:size`.
import { table } from '../../src/views/table.ts'
import { benchmarks } from './all.ts'
import { isKept, rowText } from './row.ts'

const [, , name = ''] = process.argv
const measure = benchmarks(100)[name]
if (!measure) throw new Error(`there is no benchmark ${name}`)
const rows = await measure()
for (const line of table(['BENCHMARK', 'WHAT', 'FIGURE', 'AT MOST'], rows.map(rowText))) {
  process.stdout.write(`${line}\n`)
}
if (!rows.every(isKept)) process.exitCode = 1
