import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { must } from './commands.ts'
import { cacheFolder } from './engine.ts'

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/** The guest image as a disk for QEMU; `vmlinuz` and `ramdisk` lie beside it. */
export async function diskImage(): Promise<string> {
  const guest = join(cacheFolder, 'guest')
  const yaml = dirname(createRequire(import.meta.url).resolve('yaml/package.json'))
  return must('sh', [
    here('./disk.sh'),
    join(guest, 'node'),
    here('../../plugins/devkit/dist'),
    yaml,
    join(guest, 'agent'),
  ])
}

/** Each line that the kernel or systemd does not say is time under software emulation. */
export const kernelLine =
  'console=ttyS0 quiet systemd.show_status=0 mitigations=off audit=0 apparmor=0 selinux=0'
