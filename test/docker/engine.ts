import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { isMainThread } from 'node:worker_threads'

export const image = 'agentctl-test-guest:1'
/** From the start of the engine to its image, on a busy machine. Unit: milliseconds. */
const startMs = 60_000

export interface TestEngine {
  readonly socket: string
  /** Why there is none on this machine. */
  readonly missing?: string
}

/** Vitest's main process: the engine is shared by all its workers, and ends with it. */
const run = isMainThread ? process.ppid : process.pid
const folder = join(tmpdir(), `agentctl-docker-${run}`)

/** An engine with the test image, started by the first test file that asks. */
export async function sharedEngine(): Promise<TestEngine> {
  const socket = join(folder, 'docker.sock')
  const missing = whyNot() ?? (await started())
  // On a build machine nothing may be left out.
  if (missing !== undefined && process.env.CI) throw new Error(`the tests of docker cannot run: ${missing}`)
  return { socket, ...(missing !== undefined && { missing }) }
}

function whyNot(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'needs root on Linux to start dockerd'
  const path = `${process.env.PATH}:/usr/sbin`.split(':')
  return path.some(entry => existsSync(join(entry, 'dockerd'))) ? undefined : 'needs dockerd (docker.io)'
}

async function started(): Promise<string | undefined> {
  if (isFirst()) startHost()
  for (let waited = 0; waited < startMs; waited += 100) {
    if (existsSync(join(folder, 'ready'))) return undefined
    if (existsSync(join(folder, 'failed'))) return readFileSync(join(folder, 'failed'), 'utf8')
    await sleep(100)
  }
  return `no engine within ${startMs} ms`
}

function isFirst(): boolean {
  try {
    mkdirSync(folder)
    return true
  } catch {
    return false
  }
}

function startHost(): void {
  const program = fileURLToPath(new URL('engine-host.mjs', import.meta.url))
  const devkit = fileURLToPath(new URL('../../plugins/devkit/dist', import.meta.url))
  const args = [program, folder, String(run), image, devkit]
  spawn(process.execPath, args, { detached: true, stdio: 'ignore' }).unref()
}

export interface EngineAnswer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into field by field
  readonly json: any
  readonly text: string
}

/** Asks the engine past the provider. */
export function ask(
  { socket }: TestEngine,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<EngineAnswer> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' }
    const sent = request({ socketPath: socket, method, path, headers }, answer => {
      const parts: Buffer[] = []
      answer.on('data', part => parts.push(part))
      answer.on('end', () => {
        const text = Buffer.concat(parts).toString()
        const isJson = answer.headers['content-type']?.startsWith('application/json') && text !== ''
        resolve({ status: answer.statusCode ?? 0, text, json: isJson ? JSON.parse(text) : undefined })
      })
    })
    sent.on('error', reject)
    sent.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

/** Names of the owner's containers. */
export async function containersOf(engine: TestEngine, owner: string): Promise<readonly string[]> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`agentctl-owner=${owner}`] }))
  const { json } = await ask(engine, 'GET', `/containers/json?all=1&filters=${filters}`)
  return json.map((container: { Names: string[]; State: string }) => `${container.Names} ${container.State}`)
}
