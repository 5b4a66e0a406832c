import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import type { Check } from '../check.ts'
import { markerOf } from '../context.ts'
import * as step from '../steps.ts'

const CONSOLE_BYTES_MAX = 65_536
const BIG = 64 * 1024 * 1024

const byteForByte: Check = {
  rule: 'U1',
  title: 'user data reaches every guest byte for byte',
  needs: ['oob:userDataOf'],
  async run(context) {
    const unitCount = Math.min(context.capabilities.launchBatchMax, 2)
    const { request, instances } = await step.launched(context, { unitCount })
    for (const instance of instances) {
      const got = await context.target.outOfBand.userDataOf?.(instance)
      assert.ok(Buffer.from(got ?? []).equals(request.userData), `U1: ${instance.id} got other user data`)
    }
  },
}

const atLimit: Check = {
  rule: 'U1',
  title: 'user data of just the limit is taken',
  async run(context) {
    const { userDataBytesMax } = context.capabilities
    if (userDataBytesMax > BIG) return
    const request = await context.request()
    const userData = new Uint8Array(userDataBytesMax).fill(10)
    userData.set(request.userData.subarray(0, userDataBytesMax))
    const { instances } = await step.launch(context, { ...request, userData })
    assert.equal(instances.length, 1)
  },
}

const overLimit: Check = {
  rule: 'U1',
  title: 'user data over the limit is invalid-spec before any call',
  async run(context) {
    const { userDataBytesMax } = context.capabilities
    if (userDataBytesMax > BIG) return
    const userData = new Uint8Array(userDataBytesMax + 1).fill(10)
    const request = await context.request({ userData })
    await step.refusal(step.launch(context, request), 'invalid-spec')
    await step.settle(context)
    const left = await context.target.outOfBand.left(context.owner)
    assert.deepEqual([...left], [], 'U1: something was made for a launch that is invalid')
  },
}

const processGuest: Check = {
  rule: 'U1',
  title: 'the process guest keeps its agreement: index, run directory, scratch, console',
  needs: ['process-guest-runs', 'consoleTail'],
  async run(context) {
    const unitCount = Math.min(context.capabilities.launchBatchMax, 2)
    const { request, instances } = await step.launched(context, { unitCount })
    for (const instance of instances) {
      const look = () => context.provider.consoleTail?.(instance, context.call()) ?? Promise.resolve('')
      const text: string = await step.poll(context, 30_000, look, seen => seen.includes('scratch='))
      const { unitIndex } = instance
      for (const line of [
        markerOf(request.launchId),
        `unit-index=${unitIndex}`,
        'run-mode=drwx------',
        'scratch=home',
      ]) {
        assert.ok(text.includes(line), `U1: the console lacks "${line}": ${text}`)
      }
    }
  },
}

const consoleText: Check = {
  rule: 'consoleTail',
  title: 'it gives at most 64 KiB of text, ten times',
  needs: ['consoleTail'],
  async run(context) {
    const { instances } = await step.launched(context)
    const [instance] = instances
    assert.ok(instance)
    for (const _ of step.times(step.REPEATS, Boolean)) {
      const text: string | undefined = await context.provider.consoleTail?.(instance, context.call())
      assert.equal(typeof text, 'string', 'consoleTail must give text')
      assert.ok(Buffer.byteLength(text ?? '') <= CONSOLE_BYTES_MAX, 'consoleTail gave more than 64 KiB')
    }
  },
}

export const guestChecks: readonly Check[] = [byteForByte, atLimit, overLimit, processGuest, consoleText]
