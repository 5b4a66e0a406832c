import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { must } from './commands.ts'

export function sha256(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex')
}

export interface Packed {
  readonly path: string
  readonly text: string
  readonly mode?: number
}

async function inFolder<T>(files: readonly Packed[], work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'agentctl-pack-'))
  try {
    for (const { path, text, mode = 0o644 } of files) {
      mkdirSync(dirname(join(folder, 'tree', path)), { recursive: true })
      writeFileSync(join(folder, 'tree', path), text, { mode })
    }
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** A tar file, gzipped for `czf`. */
export function tarOf(how: 'cf' | 'czf', files: readonly Packed[]): Promise<Uint8Array> {
  return inFolder(files, async folder => {
    const out = join(folder, 'out')
    await must('tar', [how, out, '-C', join(folder, 'tree'), '.'])
    return readFileSync(out)
  })
}

/** A Debian package with these files, and the index of a repository that has nothing else. */
export function debianPackage(
  name: string,
  files: readonly Packed[],
): Promise<{ deb: Uint8Array; index: string }> {
  const control = `Package: ${name}\nVersion: 1\nArchitecture: all\nMaintainer: tests <tests@example.com>\nDescription: a test\n`
  return inFolder([...files, { path: 'DEBIAN/control', text: control }], async folder => {
    const out = join(folder, 'out.deb')
    await must('dpkg-deb', ['--root-owner-group', '--build', join(folder, 'tree'), out])
    const deb = readFileSync(out)
    const index = `${control}Filename: ./${name}.deb\nSize: ${deb.length}\nSHA256: ${sha256(deb)}\n`
    return { deb, index }
  })
}
