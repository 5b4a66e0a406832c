// One plan, as JSON: `node test/bench/scale/one.ts HOSTS LIVE JOBS_A_MINUTE POOLS SCOPES SECONDS`.
import { measured, openStage, settled } from './measure.ts'
import { planOf } from './plans.ts'

const [hosts = 1, live = 200, jobsPerMinute = 60, pools = 20, scopes = 2, seconds = 20] = process.argv
  .slice(2)
  .map(Number)
await using stage = await openStage(
  planOf({ hosts, live, jobsPerMinute, pools, scopes, windowMs: 1_000 * seconds }),
)
await settled(stage)
const figures = await measured(stage)
process.stdout.write(
  `${JSON.stringify({ ...figures, statements: await stage.database.statements() }, null, 1)}\n`,
)
