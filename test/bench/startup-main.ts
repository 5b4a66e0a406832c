// `npm run bench:startup`
import { table } from '../../src/views/table.ts'
import { isKept, rowText } from './row.ts'
import { startupRows } from './startup.ts'

const rows = await startupRows()
for (const line of table(['BENCHMARK', 'WHAT', 'FIGURE', 'AT MOST'], rows.map(rowText))) {
  process.stdout.write(`${line}\n`)
}
if (!rows.every(isKept)) process.exitCode = 1
