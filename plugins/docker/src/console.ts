import { type ConnectHint, contractError, type ResourceRef } from '@agentctl/contract'
import { containerLogs } from './api.ts'
import { dockerOptions } from './connection.ts'
import type { Context } from './context.ts'
import { isNoSuchContainer } from './errors.ts'
import { findOwned } from './find.ts'
import { isContainerName } from './labels.ts'

/** What `consoleTail` gives at most. Unit: bytes. */
const tailBytesMax = 65_536
const linesMax = 2_000
/** A frame of the log: one byte for the stream, three of zero, four for the length. Unit: bytes. */
const headBytes = 8

/** The end of the container's log, at most 64 KiB of UTF-8; empty where there is none. */
export async function consoleTail(context: Context, ref: ResourceRef, signal: AbortSignal): Promise<string> {
  const found = await findOwned(context, ref, signal)
  if (!found) return ''
  try {
    const stream = await containerLogs(context.engine, found.Id, linesMax, signal)
    const bytes = Buffer.concat(await stream.toArray())
    // Bytes that are no UTF-8 grow when they are read as text, so the text is cut once more.
    const text = lastBytes(found.Config.Tty ? bytes : unframed(bytes)).toString()
    return lastBytes(Buffer.from(text)).toString()
  } catch (error) {
    if (isNoSuchContainer(error)) return ''
    throw error
  }
}

/** What both streams said, in its order. Pure. */
export function unframed(bytes: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at + headBytes <= bytes.length; ) {
    const end = at + headBytes + bytes.readUInt32BE(at + 4)
    parts.push(bytes.subarray(at + headBytes, end))
    at = end
  }
  return Buffer.concat(parts)
}

/** At most `tailBytesMax`, not beginning in the middle of a character. Pure. */
export function lastBytes(bytes: Buffer): Buffer {
  const first = Math.max(0, bytes.length - tailBytesMax)
  if (first === 0) return bytes
  const skip = [0, 1, 2, 3].findIndex(at => ((bytes[first + at] ?? 0) & 0xc0) !== 0x80)
  return bytes.subarray(first + Math.max(0, skip))
}

/** Pure. */
export function connect({ connection }: Context, ref: ResourceRef): ConnectHint {
  if (ref.kind !== 'instance' || !isContainerName(ref.id)) {
    throw contractError('not-owned', `${ref.id} is no instance of the provider docker`)
  }
  return {
    command: ['docker', ...dockerOptions(connection), 'exec', '-it', ref.id, 'bash'],
    note: 'Works while the container runs; docker logs shows its console.',
  }
}
