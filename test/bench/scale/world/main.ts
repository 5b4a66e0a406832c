// A cloud and a hub in memory, answered on loopback: `node test/bench/scale/world/main.ts LOAD` prints its address.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Load } from '../load.ts'
import { createCalls } from './calls.ts'
import { createCloud } from './cloud.ts'
import { createHub } from './hub.ts'
import { createJudge } from './judge.ts'
import { answering } from './routes.ts'
import { createWatch } from './tally.ts'

const load = JSON.parse(process.argv[2] ?? '{}') as Load
const now = Date.now
const hub = createHub(load, now)
const judge = createJudge(load)
const cloud = createCloud(load, { now, hub, judge })
let stop = () => {}
const answer = answering({
  ...{ load, cloud, hub, judge, now, calls: createCalls(now), watch: createWatch() },
  begin() {
    cloud.fill()
    stop = hub.feed()
  },
  dry: () => stop(),
})
const server = createServer({ keepAliveTimeout: 60_000 }, answer)
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`127.0.0.1:${(server.address() as AddressInfo).port}\n`)
})
process.on('SIGTERM', () => process.exit(0))
