import {
  contractError,
  type JsonSchema,
  type Problem,
  problemsOf,
  type ResolvedSpec,
  type Scope,
} from '@agentctl/contract'
import { z } from 'zod'
import { hostArch } from './effects.ts'
import { netProblems, netSource } from './net.ts'

const stopGraceMaxMs = 3_600_000
const unitMs = { ms: 1, s: 1000, m: 60_000 } as const

function toMs(text: string): number {
  const [, count = '', unit = ''] = /^(\d+)(ms|s|m)$/.exec(text) ?? []
  return Number(count) * unitMs[unit as keyof typeof unitMs]
}

const path = z.string().regex(/^\/[^\0\n]+$/, 'is not an absolute path')
const whole = (min: number, max: number) =>
  z.number().int('is no whole number').min(min, `is below ${min}`).max(max, `is above ${max}`)

export const architectures = ['x86_64', 'aarch64'] as const
export type Architecture = (typeof architectures)[number]

const source = z.strictObject({
  image: path.optional().describe('Base image on this host, qcow2 or raw; it is read only'),
  kernel: path.optional().describe('Linux kernel on this host that QEMU boots directly'),
  initrd: path.optional().describe('Initial RAM disk for the kernel'),
  append: z.string().max(2047, 'is over 2047 characters').optional().describe("The kernel's command line"),
  firmware: path.optional().describe('Firmware on this host in the place of QEMU’s own, such as UEFI'),
  arch: z.enum(architectures).default(hostArch).describe("Processor of the guest, this host's unless given"),
  cpus: whole(1, 255).default(2).describe('Virtual processors'),
  'memory-mb': whole(32, 4_194_304).default(2048).describe('Memory in MiB'),
  'disk-gb': whole(1, 65_536).optional().describe("Size of the disk in GiB, the image's own unless given"),
  smbios: z
    .array(z.string().regex(/^type=\d+(,[^\n]+)?$/, 'is not of the form type=1,product=Name'))
    .max(16, 'are more than 16')
    .default([])
    .describe('SMBIOS fields as QEMU’s -smbios takes them, such as type=1,product=Google Compute Engine'),
  seed: z
    .enum(['nocloud', 'none'])
    .default('nocloud')
    .describe('How user data reaches the guest: on a NoCloud disk, or by a metadata service of your own'),
  net: netSource.prefault({}).describe('The user-mode network'),
  'stop-grace': z
    .string()
    .regex(/^\d+(ms|s|m)$/, 'is no duration such as 30s')
    .refine(text => !(toMs(text) > stopGraceMaxMs), 'is more than 60m')
    .default('30s')
    .describe('How long the guest may take to power off after the power button; at most 60m'),
})

export type QemuSpec = z.output<typeof source>

export const specSchema: JsonSchema = z.toJSONSchema(source, { io: 'input' })

/** Pure. @throws `invalid-spec` with every problem at once */
export function parseSpec(raw: unknown): QemuSpec {
  const parsed = source.safeParse(raw)
  const problems = [...(parsed.success ? [] : problemsOf(parsed.error, 'spec')), ...crossProblems(raw)]
  if (parsed.success && problems.length === 0) return parsed.data
  throw contractError('invalid-spec', 'The spec for the provider qemu is not valid', { problems })
}

/** What one key asks of another. */
function crossProblems(raw: unknown): readonly Problem[] {
  if (!(raw instanceof Object) || Array.isArray(raw)) return []
  const spec = raw as Readonly<Record<string, unknown>>
  const has = (key: string) => spec[key] !== undefined
  const arch = spec.arch ?? hostArch
  const rows: readonly (readonly [boolean, string, string])[] = [
    [!has('image') && !has('kernel'), 'image', 'is missing: a machine boots from an image or a kernel'],
    [has('initrd') && !has('kernel'), 'initrd', 'needs a kernel'],
    [has('append') && !has('kernel'), 'append', 'needs a kernel'],
    [has('disk-gb') && !has('image'), 'disk-gb', 'needs an image'],
    [
      arch === 'aarch64' && !has('kernel') && !has('firmware'),
      'firmware',
      'is missing: aarch64 images boot by UEFI',
    ],
  ]
  const own = rows.flatMap(([isWrong, key, message]) => (isWrong ? [{ path: `spec.${key}`, message }] : []))
  const { net } = spec
  return net instanceof Object ? [...own, ...netProblems({ ...net }, 'spec.net')] : own
}

/** Unit: milliseconds. */
export function stopGraceMs(spec: QemuSpec): number {
  return toMs(spec['stop-grace'])
}

/** There is one way to get a machine here, and it costs nothing. Pure. */
export function resolvedOf(spec: QemuSpec, scope: Scope): ResolvedSpec {
  const type = `${spec.arch}-${spec.cpus}cpu-${spec['memory-mb']}mb`
  return {
    guest: 'linux',
    offerings: [
      { id: `${type}/local/on-demand`, scope, type, zone: 'local', market: 'on-demand', pricePerHour: 0 },
    ],
    details: spec,
  }
}

/** @throws `invalid-spec` where the details are not those of {@link resolvedOf} */
export function detailsOf(resolved: ResolvedSpec): QemuSpec {
  const parsed = source.safeParse(resolved.details)
  if (parsed.success) return parsed.data
  throw contractError('invalid-spec', 'The resolved spec is not one of the provider qemu', {
    problems: problemsOf(parsed.error, 'resolved.details'),
  })
}
