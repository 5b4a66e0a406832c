import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Home } from '../support/cli.ts'
import { journalFolder } from './scene.ts'

export interface SmallDisk extends Disposable {
  /** Whose commands have their journal on the disk. */
  readonly home: Home
  /** A folder with a copy of what is on it. */
  copy(): string
  fill(): Promise<void>
  free(): void
}

/**
 * A disk of 8 MB under the journal, in a mount namespace that ends with this process. What the folder had is on it.
 * Undefined where this process may not mount.
 */
export async function smallDisk(home: Home): Promise<SmallDisk | undefined> {
  const folder = journalFolder(home)
  mkdirSync(folder, { recursive: true })
  const script = `set -e; cp -a "$0" "$0.before"; mount -t tmpfs -o size=8m none "$0"
    cp -a "$0.before/." "$0"; echo ready; exec cat`
  const holder = spawn('unshare', ['--mount', 'sh', '-c', script, folder], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const isReady = await Promise.race([
    once(holder.stdout, 'data').then(() => true),
    once(holder, 'close').then(() => false),
  ])
  if (!isReady) return undefined
  const inside = join(`/proc/${holder.pid}/root`, folder)
  const filler = join(inside, 'filler')
  return {
    home: {
      ...home,
      wrapper: [...into(holder.pid), 'sh', '-c', 'cd "$0" && exec "$@"', home.folder],
    },
    copy() {
      const copy = join(home.folder, 'copy')
      cpSync(inside, copy, { recursive: true })
      return copy
    },
    async fill() {
      await once(spawn('sh', ['-c', 'exec cat /dev/zero >"$0"', filler], { stdio: 'ignore' }), 'close')
    },
    free: () => rmSync(filler),
    [Symbol.dispose]: () => void holder.stdin.end(),
  }
}

const into = (pid: number | undefined) => ['nsenter', '--mount', '--target', String(pid)]
