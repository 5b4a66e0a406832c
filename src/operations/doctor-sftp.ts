import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CacheTrial, ErrorCode, Finding } from '@agentctl/contract'
import { redact } from '../errors/redact.ts'
import type { Context } from './context.ts'

const subject = 'cache'
const connectSeconds = 10
const timeoutMs = 30_000

/** Logs in as the cache tool of a job would, writes one file, lists it, and deletes it. */
export async function trySftp(context: Context, trial: CacheTrial): Promise<readonly Finding[]> {
  const { SEMAPHORE_CACHE_URL: url = '', SEMAPHORE_CACHE_USERNAME: user = '' } = trial.env
  const [, host, port] = /^(?:\[([^\]]+)\]|([^:\s]+)):(\d{1,5})$/.exec(url)?.filter(Boolean) ?? []
  if (host === undefined || port === undefined) {
    return [
      {
        level: 'problem',
        subject,
        message: 'SEMAPHORE_CACHE_URL is not HOST:PORT',
        fix: 'Write it so, without a scheme, such as sftp.internal:22.',
      },
    ]
  }
  if (/^-|[@\s]/.test(user) || host.startsWith('-')) {
    return [
      {
        level: 'problem',
        subject,
        message: 'SEMAPHORE_CACHE_USERNAME or the host is no name',
        fix: 'Correct SEMAPHORE_CACHE_USERNAME and SEMAPHORE_CACHE_URL.',
      },
    ]
  }
  const path = (trial.env.SEMAPHORE_CACHE_PRIVATE_KEY_PATH ?? '').replace(/^~(?=\/)/, trial.home ?? '~')
  const key = await trial.readFile(path)
  if (key === undefined) return [noKey(path)]
  return [await login(context, { host, port, user, key, name: trial.objectName.replaceAll('/', '-') })]
}

/** An image may have the key. */
function noKey(path: string): Finding {
  return {
    level: 'unproven',
    subject,
    message: `nothing that is known here gives jobs the key ${path}`,
    fix: 'Add it to bootstrap.files of the pool, with from: and a reference to the key, and owner: semaphore.',
  }
}

interface Login {
  readonly host: string
  readonly port: string
  readonly user: string
  readonly key: string
  readonly name: string
}

async function login(context: Context, wanted: Login): Promise<Finding> {
  const folder = await mkdtemp(join(tmpdir(), 'agentctl-sftp-'))
  try {
    const [key, probe] = [join(folder, 'key'), join(folder, 'probe')]
    await writeFile(key, `${wanted.key.trimEnd()}\n`, { mode: 0o600 })
    await writeFile(probe, 'agentctl doctor\n')
    const batch = [`put ${probe} ${wanted.name}`, `ls ${wanted.name}`, `rm ${wanted.name}`]
    const { code, said } = await sftp(context, argumentsOf(wanted, key), `${batch.join('\n')}\n`)
    return judged(wanted, code, said)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The host's key is not looked at, as the tool does not either; nothing of the user's own configuration counts. */
function argumentsOf({ host, port, user }: Login, key: string): readonly string[] {
  const options = [
    'BatchMode=yes',
    'IdentitiesOnly=yes',
    'StrictHostKeyChecking=no',
    'UserKnownHostsFile=/dev/null',
    'LogLevel=ERROR',
    `ConnectTimeout=${connectSeconds}`,
  ]
  return [
    ...['-F', '/dev/null', '-b', '-', '-i', key, '-P', port],
    ...options.flatMap(option => ['-o', option]),
    `${user}@${host.includes(':') ? `[${host}]` : host}`,
  ]
}

function sftp({ signal, effects }: Context, args: readonly string[], batch: string) {
  return new Promise<{ readonly code: number | 'missing'; readonly said: string }>(resolve => {
    const over = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
    // An agent of keys, or a program that asks for a passphrase, would answer for the key.
    const child = spawn('sftp', args, {
      signal: over,
      env: { PATH: effects.env.PATH },
      stdio: ['pipe', 'ignore', 'pipe'],
    })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', text => {
      said += text
    })
    child.on('error', error =>
      resolve(
        (error as NodeJS.ErrnoException).code === 'ENOENT' ? { code: 'missing', said } : { code: 1, said },
      ),
    )
    child.on('close', code => resolve({ code: code ?? 1, said }))
    child.stdin.on('error', () => undefined)
    child.stdin.end(batch)
  })
}

/** Words of OpenSSH, and what they mean. */
const causes: readonly (readonly [RegExp, ErrorCode, string, string])[] = [
  [
    /invalid format|error in libcrypto|Load key/i,
    'invalid-spec',
    'the private key cannot be read',
    'Give a private key without a passphrase, as ssh-keygen writes it, with all of its lines.',
  ],
  [
    /Permission denied \((.*)\)|Too many authentication failures/,
    'unauthenticated',
    'the host does not take the key',
    'Add the public half to authorized_keys of the user there, and check SEMAPHORE_CACHE_USERNAME.',
  ],
  [
    /Permission denied|Failure|No space|Disk quota/,
    'permission-denied',
    'the host lets nobody write there',
    "Let the user write into its folder there, and see that it has space: the tool writes into the user's home.",
  ],
]

function judged({ host, port, user }: Login, code: number | 'missing', said: string): Finding {
  const where = `sftp ${user}@${host}:${port}`
  if (code === 0) {
    return {
      level: 'ok',
      subject,
      message: `${where}: a file was written, listed and deleted by the job's key`,
    }
  }
  if (code === 'missing') {
    return {
      level: 'unproven',
      subject,
      message: 'the program sftp is not installed here',
      fix: 'Install OpenSSH.',
    }
  }
  const [, problemCode, why, fix] = causes.find(([words]) => words.test(said)) ?? [
    undefined,
    'unavailable' as const,
    'the host does not answer',
    'Check SEMAPHORE_CACHE_URL and the network; jobs have to reach the host too.',
  ]
  const words = redact(said.trim().split('\n').slice(-2).join('; '))
  return {
    level: 'problem',
    subject,
    message: `${where}: ${why}${words && ` (${words})`}`,
    fix,
    code: problemCode,
  }
}
