import { execFile } from 'node:child_process'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzipSync } from 'node:zlib'

const run = promisify(execFile)

/** Steps of the script that say what the guest's agent is told; the others set up a machine, and this one is ours. */
const steps = ['http', 'index', 'unit', 'config', 'hooks']

/** What the supervisor of a real guest would hold. */
export interface SetUp {
  /** config.yml, whole. */
  readonly config: string
  /** Longest time to the agent's registration. Unit: milliseconds. */
  readonly agentMs: number
}

/**
 * Does with user data what a guest does, as far as the agent is concerned: unpacks it, and has bash run the script's
 * own steps, with `/run/agentctl` in `folder` and the metadata service at `metadataUrl`.
 * Rejects with the script's own words when it would have ended the boot.
 */
export async function setUp(userData: Uint8Array, folder: string, metadataUrl: string): Promise<SetUp> {
  const script = scriptOf(gunzipSync(userData).toString())
  const chosen = steps.map(name => stepOf(script, name))
  const text = [prelude, ...chosen, `printf '%s' "$common_config$own_config" >"$own/config"`]
    .join('\n')
    .replaceAll('/run/agentctl', folder)
    .replaceAll('http://169.254.169.254', metadataUrl)
  await mkdir(join(folder, 'private'), { recursive: true })
  try {
    await run('bash', ['--norc', '-c', text], { env: { PATH: process.env.PATH } })
  } catch (error) {
    throw new Error((error as { stderr: string }).stderr.trim())
  }
  const [, seconds] = /^agent_seconds=(\d+)$/m.exec(script) ?? []
  if (seconds === undefined) throw new Error('the script does not say how long its agent may take')
  return { config: await readFile(join(folder, 'private/config'), 'utf8'), agentMs: Number(seconds) * 1000 }
}

/** In place of the guest's own library, which would end this machine. */
const prelude = `set -u
umask 077
run=/run/agentctl
own=$run/private
hold_seconds=0
say() { :; }
fail() { printf '%s\\n' "$1" >&2; exit 1; }`

/** The second part of the message: see src/bootstrap/linux/mime.ts. */
function scriptOf(message: string): string {
  const [, boundary] = /^Content-Type: multipart\/mixed; boundary="(.+)"$/m.exec(message) ?? []
  const part = message.split(`--${boundary}`).find(one => one.includes('Content-Type: text/x-shellscript'))
  if (part === undefined) throw new Error('user data holds no script')
  return part.slice(part.indexOf('\n\n') + 2)
}

function stepOf(script: string, name: string): string {
  const lines = script.split('\n')
  const from = lines.indexOf(`#: ${name}`)
  if (from < 0) throw new Error(`the script has no step ${name}`)
  const length = lines.slice(from + 1).findIndex(line => line.startsWith('#: '))
  return lines.slice(from + 1, from + 1 + length).join('\n')
}
