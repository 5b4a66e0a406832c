// A controller as a process of its own, to be killed. Its order comes on stdin, so that no secret is in its arguments.
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import qemu from '@agentctl/provider-qemu'

const { owner, env, settings, request, isStaying } = JSON.parse(await text(process.stdin))
const log = { debug() {}, info() {}, warn() {} }
const clock = { now: () => Date.now(), sleep: (ms, signal) => sleep(ms, undefined, { signal }) }
const provider = await qemu.open({ owner, env, settings, clock, log, random: { next: Math.random } })
const call = { signal: AbortSignal.timeout(60_000), deadlineMs: Date.now() + 60_000, log }

const userData = Buffer.from(request.userData, 'base64')
const { instances } = await provider.launch({ ...request, userData }, call)
process.stdout.write(`done ${JSON.stringify(instances.map(({ id }) => id))}\n`)
if (isStaying) await sleep(600_000)
