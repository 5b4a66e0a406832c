import { constants } from 'node:fs'
import { access, chmod, open } from 'node:fs/promises'
import { contractError, type Problem } from '@agentctl/contract'
import { type RunOptions, run } from './effects.ts'
import { imageError, tableError } from './errors.ts'
import type { QemuSpec } from './spec.ts'

const gib = 1024 ** 3

export interface BaseImage {
  readonly format: 'qcow2' | 'raw'
  /** Size of the disk that a guest sees. Unit: bytes. */
  readonly bytes: number
}

/** What the file says of itself: qcow2 by its first four bytes, else raw. @throws the system's own errors */
async function readBaseImage(path: string): Promise<BaseImage> {
  await using file = await open(path, 'r')
  const { size } = await file.stat()
  const head = Buffer.alloc(32)
  const { bytesRead } = await file.read(head, 0, head.length, 0)
  if (bytesRead === head.length && head.readUInt32BE(0) === 0x514649fb) {
    return { format: 'qcow2', bytes: Number(head.readBigUInt64BE(24)) }
  }
  return { format: 'raw', bytes: size }
}

/** Every file of the spec is there, and the disk is no smaller than its image. @throws `invalid-spec` with all problems */
export async function assertFiles(spec: QemuSpec): Promise<void> {
  const keys = ['image', 'kernel', 'initrd', 'firmware'] as const
  const checks = await Promise.all(keys.map(key => fileProblem(key, spec[key])))
  const problems = [...checks.flat(), ...(await sizeProblem(spec))]
  if (problems.length > 0)
    throw contractError('invalid-spec', 'The spec for the provider qemu does not fit this host', { problems })
}

async function fileProblem(key: string, path: string | undefined): Promise<readonly Problem[]> {
  if (path === undefined) return []
  try {
    await access(path, constants.R_OK)
    return []
  } catch {
    return [{ path: `spec.${key}`, message: `${path} is not there, or this user may not read it` }]
  }
}

async function sizeProblem({ image, 'disk-gb': diskGb }: QemuSpec): Promise<readonly Problem[]> {
  if (image === undefined || diskGb === undefined) return []
  const base = await readBaseImage(image).catch(() => undefined)
  if (!base || base.bytes <= diskGb * gib) return []
  const message = `is less than the ${Math.ceil(base.bytes / gib)} GiB of its image`
  return [{ path: 'spec.disk-gb', message }]
}

/** Makes the disk that takes what the guest writes; nothing where the spec has no image. @throws what errors.ts knows */
export async function makeOverlay(spec: QemuSpec, overlay: string, options: RunOptions): Promise<void> {
  const { image, 'disk-gb': diskGb } = spec
  if (image === undefined) return
  const { format } = await readBaseImage(image).catch((error: unknown) => {
    throw tableError('image-missing', error instanceof Error ? error.message : String(error))
  })
  const size = diskGb === undefined ? [] : [`${diskGb}G`]
  const command = ['qemu-img', 'create', '-q', '-f', 'qcow2', '-F', format, '-b', image, overlay, ...size]
  const { status, errors, code } = await run(command, options)
  if (code === 'ENOENT') throw tableError('no-qemu-img', errors || 'qemu-img: ENOENT')
  if (status !== 0) throw imageError(errors)
  await chmod(overlay, 0o600)
}
