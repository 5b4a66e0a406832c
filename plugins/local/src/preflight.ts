import { constants, existsSync } from 'node:fs'
import { access, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Finding } from '@agentctl/contract'
import type { Context } from './context.ts'
import { chooseEnclosure, type Enclosure } from './isolation.ts'

/** Below this the disk is said to be nearly full. Unit: bytes. */
const freeBytesMin = 256 * 1024 * 1024

/** Reads only: tries what keeps a tree together, and looks at the state folder. Rule P2. */
export async function preflight(context: Context): Promise<readonly Finding[]> {
  const path = context.environment.PATH ?? ''
  return [
    await isolationFinding(await chooseEnclosure(context.isolation, path)),
    await shellFinding(path),
    ...(await folderFindings(context.root)),
  ]
}

export const isolationWords: Readonly<Record<Enclosure['name'], Omit<Finding, 'subject'>>> = {
  'pid-namespace': { level: 'ok', message: 'each instance gets a PID namespace: nothing of it outlives it' },
  'user-namespace': {
    level: 'ok',
    message:
      'each instance gets a PID namespace inside a user namespace: nothing of it outlives it; sudo does not work in it',
    fix: 'Where jobs need sudo, set isolation: process-group for the provider local.',
  },
  'process-group': {
    level: 'warning',
    message: 'no PID namespace: a daemon of a job that wipes its environment can outlive its instance',
    fix: 'Run as root, or allow user namespaces (util-linux, and kernel.unprivileged_userns_clone=1 where there is one).',
  },
}

async function isolationFinding({ name }: Enclosure): Promise<Finding> {
  return { subject: 'isolation', ...isolationWords[name] }
}

async function shellFinding(path: string): Promise<Finding> {
  const subject = 'bash'
  for (const folder of path.split(':')) {
    if (await isAllowed(join(folder, 'bash'), constants.X_OK))
      return { level: 'ok', subject, message: `is in ${folder}` }
  }
  return {
    level: 'problem',
    subject,
    message: 'is not in PATH',
    fix: 'Install bash: guests are scripts that it runs.',
  }
}

async function folderFindings(root: string): Promise<Finding[]> {
  const subject = 'state folder'
  const there = nearest(root)
  const isWritable = await isAllowed(there, constants.W_OK | constants.X_OK)
  if (!isWritable) {
    const fix = 'Give this user the folder, or name another one in AGENTCTL_LOCAL_DIR.'
    return [{ level: 'problem', subject, message: `${there} may not be written by this user`, fix }]
  }
  const { bavail, bsize } = await statfs(there)
  const freeMb = Math.floor((bavail * bsize) / 1024 / 1024)
  const isFull = bavail * bsize < freeBytesMin
  return [
    { level: 'ok', subject, message: `${root} can be written` },
    {
      level: isFull ? 'warning' : 'ok',
      subject: 'disk',
      message: `${freeMb} MB free for the state folder`,
      ...(isFull && { fix: 'Free some space, or name a folder on another disk in AGENTCTL_LOCAL_DIR.' }),
    },
  ]
}

function nearest(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearest(dirname(folder))
}

function isAllowed(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  )
}
