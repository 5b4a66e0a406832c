import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { until } from './cli.ts'

const program = '/usr/sbin/sshd'

/** Why no SFTP can be had; undefined where it can. */
export function missingSshd(): string | undefined {
  if (existsSync(program)) return undefined
  if (process.env.CI) throw new Error('The tests of SFTP caches need OpenSSH: apt-get install openssh-server')
  return 'no sshd here'
}

export interface Sshd extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  readonly address: string
  readonly user: string
  /** Paths of private keys: one that is taken, one that is not, and one that is none. */
  readonly key: string
  readonly strangersKey: string
  readonly noKey: string
  /** Files in the folder that a login sees. */
  leftovers(): readonly string[]
}

/** OpenSSH on loopback, for one key of this user, which sees one folder by SFTP and gets nothing else. */
export async function startSshd(): Promise<Sshd> {
  const folder = mkdtempSync(join(tmpdir(), 'agentctl-sshd-'))
  const at = (name: string) => join(folder, name)
  for (const name of ['host', 'key', 'stranger']) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at(name)])
  }
  writeFileSync(at('none'), 'no key at all\n', { mode: 0o600 })
  mkdirSync(at('files'))
  execFileSync('cp', [at('key.pub'), at('authorized')])
  chmodSync(at('authorized'), 0o600)
  // Where it drops its rights, which it wants to be there.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  const port = await freePort()
  const settings = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${at('host')}`,
    `AuthorizedKeysFile ${at('authorized')}`,
    `PidFile ${at('pid')}`,
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin yes',
    'Subsystem sftp internal-sftp',
    `ForceCommand internal-sftp -d ${at('files')}`,
  ]
  writeFileSync(at('config'), settings.map(line => `${line}\n`).join(''))
  const child = spawn(program, ['-D', '-e', '-f', at('config')], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', text => {
    said += text
  })
  await until('sshd listens', () => said.includes('Server listening') || child.exitCode !== null)
  if (child.exitCode !== null) throw new Error(`sshd: ${said}`)
  return {
    address: `127.0.0.1:${port}`,
    user: userInfo().username,
    key: at('key'),
    strangersKey: at('stranger'),
    noKey: at('none'),
    leftovers: () => readdirSync(at('files')),
    async [Symbol.asyncDispose]() {
      const closed = new Promise(resolve => child.on('close', resolve))
      child.kill()
      await closed
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>(resolve => probe.listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise(resolve => probe.close(resolve))
  return address instanceof Object ? address.port : 0
}
