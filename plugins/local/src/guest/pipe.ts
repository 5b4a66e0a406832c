import { execFileSync } from 'node:child_process'
import { constants, openSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'

/** A named pipe, as scripts open `/dev/stderr` anew, which the sockets that Node makes of pipes do not allow. */
export function openPipe(path: string): { readFd: number; writeFd: number } {
  execFileSync('mkfifo', ['-m', '600', path], { stdio: 'ignore' })
  try {
    const readFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    return { readFd, writeFd: openSync(path, constants.O_WRONLY) }
  } finally {
    rmSync(path, { force: true })
  }
}

/** Hands on what comes; resolves when nobody can write any more. */
export function drain(fd: number, onOutput: (bytes: Uint8Array) => void): Promise<void> {
  const input = new Socket({ fd, readable: true, writable: false })
  return new Promise(resolve => {
    input.on('data', onOutput)
    input.once('error', () => resolve())
    input.once('close', () => resolve())
  })
}
