import { netdev } from './net.ts'
import { unitFiles } from './paths.ts'
import type { Accel } from './records.ts'
import type { Architecture, QemuSpec } from './spec.ts'

export interface Machine {
  readonly id: string
  readonly unitIndex: number
  readonly spec: QemuSpec
  readonly accel: Accel
  /** Descriptor of the guest host's own control socket. */
  readonly controlFd: number
  /** The command that QEMU runs for each connection of the guest to the metadata service at that port. */
  readonly forward: (port: number) => string
}

const boards: Readonly<Record<Architecture, string>> = { x86_64: 'q35', aarch64: 'virt,gic-version=max' }

/** QEMU and its arguments, for the unit's folder as working directory. No secret is among them. Pure. */
export function commandLine(machine: Machine): readonly string[] {
  const { id, unitIndex, spec, accel, controlFd } = machine
  return [
    `qemu-system-${spec.arch}`,
    ...['-name', id, '-nodefaults', '-no-user-config', '-display', 'none'],
    // A guest that reboots ends: one job, one boot.
    '-no-reboot',
    ...['-sandbox', sandbox(spec)],
    ...['-machine', boards[spec.arch], ...acceleration(accel)],
    ...['-smp', String(spec.cpus), '-m', `${spec['memory-mb']}M`],
    ...['-chardev', 'stdio,id=console,signal=off', '-serial', 'chardev:console'],
    ...['-chardev', `socket,id=control,fd=${controlFd}`, '-mon', 'chardev=control,mode=control'],
    ...['-qmp', `unix:${unitFiles.qmp},server=on,wait=off`],
    ...['-device', 'virtio-rng-pci'],
    ...['-fw_cfg', `name=opt/agentctl/unit-index,string=${unitIndex}`],
    ...disks(spec),
    // Nothing boots from the network, so its boot ROM, a package of its own, is left out.
    ...['-netdev', netdev(spec.net, machine.forward), '-device', 'virtio-net-pci,netdev=net,romfile='],
    ...spec.smbios.flatMap(fields => ['-smbios', fields]),
    ...boot(spec),
  ]
}

/** The forwarder, a Node process, inherits QEMU's filter of system calls, and needs some that QEMU itself does not. */
function sandbox({ net }: QemuSpec): string {
  return net['metadata-port'] === undefined
    ? 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny'
    : 'on,obsolete=allow,elevateprivileges=allow,spawn=allow,resourcecontrol=deny'
}

function acceleration({ name }: Accel): readonly string[] {
  return name === 'kvm' ? ['-accel', 'kvm', '-cpu', 'host'] : ['-accel', 'tcg,thread=multi', '-cpu', 'max']
}

/** The guest sees the image first, then the seed. What is written is thrown away with the machine, so never synced. */
function disks({ image, seed }: QemuSpec): readonly string[] {
  const disk = [
    ...[
      '-drive',
      `if=none,id=disk,file=${unitFiles.overlay},format=qcow2,cache=unsafe,discard=unmap,werror=report`,
    ],
    ...['-device', 'virtio-blk-pci,drive=disk,serial=agentctl-disk'],
  ]
  const seedDisk = [
    ...['-drive', `if=none,id=seed,file=${unitFiles.seed},format=raw,readonly=on,file.locking=off`],
    ...['-device', 'virtio-blk-pci,drive=seed,serial=agentctl-seed'],
  ]
  return [...(image === undefined ? [] : disk), ...(seed === 'none' ? [] : seedDisk)]
}

function boot({ firmware, kernel, initrd, append }: QemuSpec): readonly string[] {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['-bios', firmware],
    ['-kernel', kernel],
    ['-initrd', initrd],
    ['-append', append],
  ]
  return rows.flatMap(([option, value]) => (value === undefined ? [] : [option, value]))
}
