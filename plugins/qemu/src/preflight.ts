import { constants, existsSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Finding, hasCode } from '@agentctl/contract'
import type { Context } from './context.ts'
import { run } from './effects.ts'
import { errorTable } from './errors.ts'
import { isAllowed, programPath } from './files.ts'
import { diesWithHost } from './guest/enclosure.ts'
import { assertFiles } from './images.ts'
import type { QemuSpec } from './spec.ts'

/** Below this the disk is said to be nearly full. Unit: bytes. */
const freeBytesMin = 4 * 1024 ** 3

const versionTimeoutMs = 5_000

/** Reads only: looks for QEMU, runs the probe guest, which leaves nothing, and looks at the state folder. Rule P2. */
export async function preflight(context: Context, spec: QemuSpec): Promise<readonly Finding[]> {
  const path = context.environment.PATH ?? ''
  return [
    ...(await qemuFindings(context, spec)),
    await programFinding('qemu-img', 'no-qemu-img', path),
    await hostFinding(path),
    ...(await fileFindings(spec)),
    ...(await folderFindings(context.root)),
  ]
}

async function qemuFindings(context: Context, { arch }: QemuSpec): Promise<Finding[]> {
  const path = context.environment.PATH ?? ''
  const subject = `qemu-system-${arch}`
  const missing = await programFinding(subject, `no-qemu-${arch}`, path)
  if (missing.level === 'problem') return [missing]
  const { output } = await run([subject, '--version'], { path, timeoutMs: versionTimeoutMs })
  const [version = subject] = output.split('\n')
  const accel = await context.accelFor(arch, false)
  const acceleration: Finding =
    accel.name === 'kvm'
      ? { level: 'ok', subject: 'acceleration', message: `KVM: ${accel.why}` }
      : {
          level: 'warning',
          subject: 'acceleration',
          message: `software emulation, many times slower than KVM: ${accel.why}`,
          fix: 'Use a host with working virtualization, and give this user /dev/kvm (group kvm).',
        }
  return [{ level: 'ok', subject, message: version }, acceleration]
}

async function programFinding(subject: string, row: string, path: string): Promise<Finding> {
  const found = await programPath(subject, path)
  if (found !== undefined) return { level: 'ok', subject, message: `is ${found}` }
  const { why = 'is not in PATH', hint: fix } = errorTable[row] ?? {}
  return { level: 'problem', subject, message: why, ...(fix !== undefined && { fix }) }
}

async function hostFinding(path: string): Promise<Finding> {
  const subject = 'guest host'
  if (await diesWithHost(path))
    return {
      level: 'ok',
      subject,
      message: 'a machine ends with its guest host, which holds its dead-man timer',
    }
  return {
    level: 'warning',
    subject,
    message: 'a machine whose guest host is killed runs on until terminate or reap ends it',
    fix: 'Install util-linux: its setpriv ties the two together.',
  }
}

async function fileFindings(spec: QemuSpec): Promise<Finding[]> {
  const subject = 'image'
  try {
    await assertFiles(spec)
    return [{ level: 'ok', subject, message: `${spec.image ?? spec.kernel} can be read` }]
  } catch (error) {
    if (!hasCode(error, 'invalid-spec')) throw error
    const problems = error.problems ?? []
    return problems.map(({ path, message }) => ({
      level: 'problem',
      subject,
      message: `${path}: ${message}`,
    }))
  }
}

async function folderFindings(root: string): Promise<Finding[]> {
  const subject = 'state folder'
  const there = nearest(root)
  if (!(await isAllowed(there, constants.W_OK | constants.X_OK))) {
    const fix = 'Give this user the folder, or name another one in AGENTCTL_QEMU_DIR.'
    return [{ level: 'problem', subject, message: `${there} may not be written`, fix }]
  }
  const { bavail, bsize } = await statfs(there)
  const freeGib = ((bavail * bsize) / 1024 ** 3).toFixed(1)
  const isLow = bavail * bsize < freeBytesMin
  return [
    { level: 'ok', subject, message: `is ${root}` },
    { level: isLow ? 'warning' : 'ok', subject: 'disk', message: `${freeGib} GiB are free in ${there}` },
  ]
}

/** The folder itself, or the nearest one above it that is there. */
function nearest(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearest(dirname(path))
}
