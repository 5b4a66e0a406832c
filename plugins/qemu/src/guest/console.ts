import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs'

export interface Console {
  write(bytes: Uint8Array): void
  /** A line of the guest host's own. */
  say(text: string): void
}

/** Two files of this size: the newest output is always there, and the disk is never filled. Unit: bytes. */
const segmentBytesMax = 4 * 1024 * 1024

/** Writes never fail: what finds no room on the disk is dropped, and counted in the next line that does. */
export function openConsole(path: string, pathBefore: string, bytesMax = segmentBytesMax): Console {
  let fd = tryOpen(path)
  let size = fd === undefined ? 0 : fstatSync(fd).size
  let dropped = 0

  const put = (bytes: Uint8Array): void => {
    try {
      fd ??= tryOpen(path)
      if (fd === undefined) throw new Error('no console file')
      for (let done = 0; done < bytes.length; ) {
        const count = writeSync(fd, bytes, done)
        done += count
        size += count
      }
    } catch {
      dropped += bytes.length
    }
  }
  const cut = (): void => {
    if (fd !== undefined) closeSync(fd)
    fd = undefined
    size = 0
    try {
      renameSync(path, pathBefore)
    } catch {
      // The unit folder is gone; so is whoever would read this.
    }
  }
  const write = (bytes: Uint8Array): void => {
    if (size > 0 && size + bytes.length > bytesMax) cut()
    const lost = dropped
    if (lost > 0) {
      dropped = 0
      put(Buffer.from(`\nagentctl-qemu: ${lost} bytes of console were lost, the disk was full\n`))
    }
    // Without room for the line about the loss there is none for the rest.
    if (lost > 0 && dropped > 0) dropped = lost + bytes.length
    else put(bytes)
  }
  return { write, say: text => write(Buffer.from(`agentctl-qemu: ${text}\n`)) }
}

function tryOpen(path: string): number | undefined {
  try {
    return openSync(path, 'a', 0o600)
  } catch {
    return undefined
  }
}
