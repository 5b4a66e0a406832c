import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { consoleOf, type GuestConsole } from './console.ts'
import { diskImage, kernelLine } from './disk.ts'
import { within } from './machine.ts'

export interface VmOptions {
  /** SMBIOS fields as QEMU takes them: what cloud-init knows a cloud by. */
  readonly smbios: readonly string[]
  /** A process in the network namespace whose routes and services the guest has, by QEMU's user-mode network. */
  readonly pid: string
  /** The content of a DVD in its drive. */
  readonly dvd?: Uint8Array
}

export interface Vm {
  readonly console: GuestConsole
  poweredOff(withinMs: number): Promise<number>
  remove(): Promise<void>
}

export const macAddress = '52:54:00:12:34:56'

/** A virtual machine under software emulation, as a cloud has it: no seed disk, all by its board and its network. */
export async function bootVm({ smbios, pid, dvd }: VmOptions): Promise<Vm> {
  const disk = await diskImage()
  const folder = mkdtempSync(join(tmpdir(), 'agentctl-vm-'))
  const file = join(folder, 'dvd.iso')
  if (dvd) writeFileSync(file, dvd, { mode: 0o600 })
  const drive = [
    ...['-device', 'virtio-scsi-pci', '-device', 'scsi-cd,drive=dvd'],
    ...['-drive', `if=none,id=dvd,file=${file},format=raw,readonly=on,media=cdrom`],
  ]
  const qemu = [
    ...['qemu-system-x86_64', '-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...['-machine', 'q35', '-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '1', '-m', '512M'],
    ...['-chardev', 'stdio,id=console,signal=off', '-serial', 'chardev:console'],
    ...['-device', 'virtio-rng-pci', ...smbios.flatMap(fields => ['-smbios', fields])],
    ...['-drive', `if=virtio,file=${disk},format=raw,cache=unsafe,snapshot=on`],
    ...['-netdev', 'user,id=net,ipv6=off'],
    ...['-device', `virtio-net-pci,netdev=net,mac=${macAddress},romfile=`],
    ...(dvd ? drive : []),
    ...['-kernel', join(dirname(disk), 'vmlinuz'), '-initrd', join(dirname(disk), 'ramdisk')],
    ...['-append', kernelLine],
  ]
  const startedAt = performance.now()
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'nsenter', '--target', pid, '--net', ...qemu], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const console = consoleOf(child)
  return {
    console,
    poweredOff: async withinMs => {
      await within(console.closed, withinMs, () => console.text())
      return Math.round(performance.now() - startedAt)
    },
    remove: async () => {
      console.close()
      await console.closed
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
