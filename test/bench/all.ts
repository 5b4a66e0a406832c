import { apiRows, containerRows } from './others.ts'
import { payloadRows } from './payload.ts'
import type { Row } from './row.ts'
import { sizeRows } from './sizes.ts'
import { startupRows } from './startup.ts'
import { tickRows } from './ticks.ts'

/** Every benchmark, by the name that its rows have. `machines` is for the API's calls. */
export function benchmarks(machines: number): Readonly<Record<string, () => Promise<readonly Row[]>>> {
  return {
    start: startupRows,
    tick: tickRows,
    payload: async () => payloadRows(),
    'API calls': () => apiRows(machines),
    container: containerRows,
    size: sizeRows,
  }
}
