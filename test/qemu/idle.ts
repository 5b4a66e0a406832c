import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

/** A spec of a machine with a blank disk: its firmware finds nothing to boot, waits, and takes no processor time. */
export function idleSpec(root: string, change: Record<string, unknown> = {}): Record<string, unknown> {
  const image = join(root, '.blank.img')
  execFileSync('qemu-img', ['create', '-q', '-f', 'raw', image, '8M'])
  return { image, arch: 'x86_64', cpus: 1, 'memory-mb': 64, 'stop-grace': '300ms', ...change }
}
