import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { type ConnectHint, contractError, type ResourceRef } from '@agentctl/contract'
import type { Context } from './context.ts'
import { isMissing, readRecord, replaceRecord } from './files.ts'
import { findUnit } from './find.ts'
import { parseInstanceId, unitPaths } from './paths.ts'
import type { Marks } from './records.ts'

/** What `consoleTail` gives at most. Unit: bytes. */
const tailBytesMax = 65_536

/** Changes expiry and hold; the guest host reads them within a second. Kept in whole seconds, as the tags are. */
export async function mark(
  context: Context,
  ref: ResourceRef,
  change: { expiresAt?: number; holdUntil?: number },
): Promise<void> {
  const found = await findUnit(context, ref)
  if (!found) throw contractError('not-owned', `instance ${ref.id} is not there any more`)
  const before = readRecord<Marks>(found.unit.marks) ?? {}
  const seconds = Object.entries(change).map(([key, ms]) => [key, Math.floor(ms / 1000) * 1000])
  replaceRecord(found.unit.marks, { ...before, ...Object.fromEntries(seconds) })
}

/** The end of the console, at most 64 KiB of UTF-8; empty where there is none. */
export async function consoleTail(context: Context, ref: ResourceRef): Promise<string> {
  const found = await findUnit(context, ref)
  if (!found) return ''
  const now = await endOf(found.unit.console, tailBytesMax)
  const before = await endOf(found.unit.consoleBefore, tailBytesMax - now.length)
  // Bytes that are no UTF-8 grow when they are read as text, so the text is cut once more.
  const text = lastBytes(Buffer.concat([before, now])).toString()
  return lastBytes(Buffer.from(text)).toString()
}

/** At most `tailBytesMax`, not beginning in the middle of a character. */
function lastBytes(bytes: Buffer): Buffer {
  const first = Math.max(0, bytes.length - tailBytesMax)
  const inside =
    first === 0 ? 0 : [0, 1, 2, 3].findIndex(skip => ((bytes[first + skip] ?? 0) & 0xc0) !== 0x80)
  return bytes.subarray(first + Math.max(0, inside))
}

async function endOf(path: string, bytesMax: number): Promise<Buffer> {
  if (bytesMax <= 0) return Buffer.alloc(0)
  try {
    await using file = await open(path, 'r')
    const { size } = await file.stat()
    const buffer = Buffer.alloc(Math.min(size, bytesMax))
    const { bytesRead } = await file.read(buffer, 0, buffer.length, size - buffer.length)
    return buffer.subarray(0, bytesRead)
  } catch (error) {
    if (isMissing(error)) return Buffer.alloc(0)
    throw error
  }
}

/** Pure. */
export function connect(context: Context, ref: ResourceRef): ConnectHint {
  const name = parseInstanceId(ref.id)
  if (!name) throw contractError('not-owned', `${ref.id} is no instance of the provider qemu`)
  const unit = unitPaths(join(context.paths.launches, name.launchId), name.index)
  return {
    command: ['tail', '-n', '+1', '-F', unit.console],
    note: `This is the serial console. QEMU answers at ${unit.qmp} (QMP), one caller at a time.`,
  }
}
