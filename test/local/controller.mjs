// A controller as a process of its own, to be killed. Its order comes on stdin, so that no secret is in its arguments.
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import local from '@agentctl/provider-local'

const { owner, env, settings, verb, request, ref, isStaying } = JSON.parse(await text(process.stdin))
const log = { debug() {}, info() {}, warn() {} }
const clock = { now: () => Date.now(), sleep: (ms, signal) => sleep(ms, undefined, { signal }) }
const provider = await local.open({ owner, env, settings, clock, log, random: { next: Math.random } })
const call = { signal: AbortSignal.timeout(60_000), deadlineMs: Date.now() + 60_000, log }

const verbs = {
  launch: async () => {
    const userData = Buffer.from(request.userData, 'base64')
    return (await provider.launch({ ...request, userData }, call)).instances.map(({ id }) => id)
  },
  // Until it is gone, as the engine does.
  terminate: async () => {
    for (;;) {
      const answer = await provider.terminate(ref, call)
      if (answer === 'gone') return answer
      await sleep(5)
    }
  },
}
process.stdout.write('ready\n')
const answer = await verbs[verb]()
process.stdout.write(`done ${JSON.stringify(answer)}\n`)
if (isStaying) await sleep(600_000)
