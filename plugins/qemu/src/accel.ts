import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import type { Log } from '@agentctl/contract'
import { hostArch } from './effects.ts'
import { readRecord, replaceRecord } from './files.ts'
import { accelFile } from './paths.ts'
import { type ProbeAnswer, probeGuest } from './probe.ts'
import { bootId } from './processes.ts'
import type { Accel, Acceleration, AccelRecord } from './records.ts'
import type { Architecture } from './spec.ts'

/** The probe guest takes a fifth of a second; a hung one is given up after this. Unit: milliseconds. */
const probeTimeoutMs = 5_000

const kvmDevice = '/dev/kvm'

export interface AccelOptions {
  readonly root: string
  readonly path: string
  readonly acceleration: Acceleration
  readonly log: Log
}

/** Chooses once per host boot and architecture: what the probe guest said is kept in the state folder. */
export function accelChooser(options: AccelOptions): (arch: Architecture, isKept: boolean) => Promise<Accel> {
  const asked = new Map<Architecture, Promise<Accel>>()
  const told = new Set<Architecture>()
  return async (arch, isKept) => {
    const answer = asked.get(arch) ?? choose(arch, options)
    asked.set(arch, answer)
    try {
      const accel = await answer
      if (!isKept || told.has(arch)) return accel
      told.add(arch)
      await keep(arch, accel, options)
      tell(arch, accel, options.log)
      return accel
    } catch (error) {
      asked.delete(arch)
      throw error
    }
  }
}

async function choose(arch: Architecture, { root, path, acceleration }: AccelOptions): Promise<Accel> {
  if (acceleration !== 'auto') return { name: acceleration, why: 'the settings ask for it' }
  if (arch !== hostArch) return { name: 'tcg', why: `this host is no ${arch}` }
  if (!existsSync(kvmDevice)) return { name: 'tcg', why: `this host has no ${kvmDevice}` }
  const known = readRecord<AccelRecord>(accelFile(root))
  const before = known?.boot === bootId() ? known.byArch[arch] : undefined
  return before ?? judgeProbe(await probeGuest(arch, { path, accel: 'kvm', timeoutMs: probeTimeoutMs }))
}

/** Pure. */
export function judgeProbe({ isRunning, said }: ProbeAnswer): Accel {
  if (isRunning) return { name: 'kvm', why: 'a probe guest ran under it' }
  const words = said === '' ? `it was not done after ${probeTimeoutMs / 1000} s` : said.replace(/\.$/, '')
  return { name: 'tcg', why: `a probe guest did not run under KVM: ${words}` }
}

async function keep(arch: Architecture, accel: Accel, { root, acceleration }: AccelOptions): Promise<void> {
  if (acceleration !== 'auto' || !existsSync(kvmDevice)) return
  const boot = bootId()
  const known = readRecord<AccelRecord>(accelFile(root))
  const byArch = known?.boot === boot ? known.byArch : {}
  if (byArch[arch]) return
  await mkdir(root, { recursive: true, mode: 0o700 })
  replaceRecord(accelFile(root), { boot, byArch: { ...byArch, [arch]: accel } } satisfies AccelRecord)
}

function tell(arch: Architecture, { name, why }: Accel, log: Log): void {
  const fields = { arch, why }
  if (name === 'kvm') log.info('Machines run under KVM', fields)
  else log.warn('Machines run in software emulation, many times slower than KVM', fields)
}
