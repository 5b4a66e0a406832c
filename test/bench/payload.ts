import { type LinuxBootstrap, linuxUserData } from '../../src/bootstrap/linux/index.ts'
import { full } from '../unit/bootstrap/linux/inputs.ts'
import type { Row } from './row.ts'

/** What EC2 takes before base64. */
const bytesMax = 16_384

/** Size of the user data with everything in it that can be given, for launches of so many machines. */
export function payloadRows(): readonly Row[] {
  return [1, 10, 100].map(count => ({
    benchmark: 'payload',
    what: `user data of a launch of ${count}, every setting given`,
    figure: linuxUserData(launchOf(count)).byteLength,
    unit: 'bytes',
    atMost: bytesMax,
  }))
}

function launchOf(count: number): LinuxBootstrap {
  const units = Array.from({ length: count }, (_, index) => ({
    index,
    name: `agentctl-abcdefgh-${index}`,
    attempt: 1,
    // As hard to pack as ids are.
    jobId: `${hex(index, 8)}-${hex(index + 7, 4)}-4${hex(index + 13, 3)}-8${hex(index + 29, 3)}-${hex(index + 31, 12)}`,
  }))
  return { ...full, units }
}

function hex(seed: number, digits: number): string {
  let state = (seed + 1) * 2_654_435_761
  return Array.from({ length: digits }, () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296
    return Math.floor(state / 268_435_456).toString(16)
  }).join('')
}
