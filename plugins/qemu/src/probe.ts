import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run, temporaryFolder } from './effects.ts'
import type { Architecture } from './spec.ts'

/**
 * The probe guest: a few instructions that a host's KVM must be able to run, then the end of the machine.
 * `/dev/kvm` can be there and hang every guest: where virtualization is nested and pages are shadowed, KVM has to
 * emulate instructions that it cannot, `cmpxchg16b` among them, which every 64-bit Linux runs.
 */
interface ProbeGuest {
  /** Machine code in hex. */
  readonly code: string
  readonly options: readonly string[]
  /** QEMU's exit status when the guest has come to its end. */
  readonly status: number
}

const probes: Readonly<Record<Architecture, ProbeGuest>> = {
  /**
   * A multiboot header; then, as 32-bit code: page tables that map the first 2 MiB, long mode; then, as 64-bit code:
   * `lock cmpxchg16b [0x5000]`, the same on an entry of the page table itself, and `out 0xf4, 0x10`.
   */
  x86_64: {
    code: [
      '02b0ad1b00000100fe4f51e4000010000000100000000000000000002000100066c7050010000003',
      '2066c70500200000033066c7050030000083000f20e00c200f22e0b8001000000f22d8b9800000c0',
      '0f3280cc010f300f0115b00010000f20c00d010000800f22c0ea70001000080031c031d231c9bb01',
      '000000f0480fc70c25005000007510f0480fc70c25f03f00007504b010e6f4f4ebfd8db600000000',
      '000000000000000000000000009a20000f00a0001000',
    ].join(''),
    options: ['-machine', 'q35', '-device', 'isa-debug-exit,iobase=0xf4,iosize=4'],
    status: 0x21,
  },
  /** PSCI SYSTEM_OFF: `mov w0, #8`, `movk w0, #0x8400, lsl #16`, `hvc #0`, `b .`. */
  aarch64: {
    code: '000180520080b072020000d400000014',
    options: ['-machine', 'virt,gic-version=max'],
    status: 0,
  },
}

const bare = ['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot', '-m', '64']

export interface ProbeOptions {
  readonly path: string
  readonly accel: 'kvm' | 'tcg'
  /** Unit: milliseconds. */
  readonly timeoutMs: number
}

export interface ProbeAnswer {
  readonly isRunning: boolean
  /** What QEMU said; empty where it said nothing. */
  readonly said: string
}

/** Whether the probe guest runs to its end within the time. Leaves nothing. */
export async function probeGuest(arch: Architecture, options: ProbeOptions): Promise<ProbeAnswer> {
  const { code, options: machine, status } = probes[arch]
  const folder = await mkdtemp(join(temporaryFolder(), 'agentctl-probe-'))
  try {
    const kernel = join(folder, 'guest')
    await writeFile(kernel, Buffer.from(code, 'hex'))
    const { accel, path, timeoutMs } = options
    const cpu = accel === 'kvm' ? 'host' : 'max'
    const ways = ['-accel', accel, '-cpu', cpu, '-kernel', kernel]
    const outcome = await run([`qemu-system-${arch}`, ...bare, ...machine, ...ways], { path, timeoutMs })
    const [said = ''] = outcome.errors.split('\n')
    return { isRunning: outcome.status === status, said }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
