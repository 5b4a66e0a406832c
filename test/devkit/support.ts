import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { stringify } from 'yaml'
import { type Hub, type HubOptions, startHub } from '../../plugins/devkit/src/index.ts'

/** The built agent: the real program, in a process of its own. */
export const agentProgram = fileURLToPath(new URL('../../plugins/devkit/dist/agent/main.js', import.meta.url))

export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'agentctl-devkit-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export async function openHub(options: HubOptions = {}): Promise<Hub> {
  const hub = await startHub({ ...options, knobs: { syncMs: 20, ...options.knobs } })
  onTestFinished(() => hub.close())
  return hub
}

/** Time that stands still until it is moved. */
export function handClock() {
  let now = Date.parse('2026-11-23T12:00:00Z')
  return {
    now: () => now,
    pass: (milliseconds: number) => {
      now += milliseconds
    },
  }
}

export interface TestAgent {
  readonly process: ChildProcess
  readonly ended: Promise<number | null>
  readonly folder: string
  output(): string
  printed(text: string | RegExp): Promise<void>
}

export interface AgentOptions {
  readonly settings?: Record<string, unknown>
  readonly args?: readonly string[]
  readonly env?: Record<string, string>
  readonly timeScale?: number
  readonly folder?: string
}

/** Starts an agent with a config file for this hub. `timeScale` shortens its own waits, not the hub's. */
export function startAgent(
  hub: Pick<Hub, 'endpoint' | 'token'> | undefined,
  options: AgentOptions = {},
): TestAgent {
  const folder = options.folder ?? tempFolder()
  const path = join(folder, 'config.yml')
  const own = hub === undefined ? {} : { endpoint: hub.endpoint, token: hub.token, 'no-https': true }
  writeFileSync(path, stringify({ ...own, ...options.settings }))
  return runAgent(['start', '--config-file', path, ...(options.args ?? [])], { ...options, folder })
}

export function runAgent(args: readonly string[], options: AgentOptions = {}): TestAgent {
  const folder = options.folder ?? tempFolder()
  const child = spawn(process.execPath, [agentProgram, ...args], {
    env: {
      PATH: process.env.PATH ?? '',
      HOME: folder,
      TMPDIR: folder,
      SEMAPHORE_AGENT_LOG_FILE_PATH: join(folder, 'agent.log'),
      AGENTCTL_DEV_AGENT_TIME_SCALE: String(options.timeScale ?? 0.01),
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  let output = ''
  const listeners = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk
      for (const listener of listeners) listener()
    })
  return {
    process: child,
    folder,
    // `close` and not `exit`, so that all it printed is there.
    ended: new Promise(resolve => child.on('close', resolve)),
    output: () => output,
    printed: text =>
      new Promise(resolve => {
        const look = () => {
          if (!(typeof text === 'string' ? output.includes(text) : text.test(output))) return
          listeners.delete(look)
          resolve()
        }
        listeners.add(look)
        look()
      }),
  }
}

/** Waits for a condition that no event tells of. */
export async function until(holds: () => boolean, what: string, timeoutMs = 10_000): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`not in ${timeoutMs} ms: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

export function write(folder: string, name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

export function read(folder: string, name: string): string {
  return readFileSync(join(folder, name), 'utf8')
}

export interface Answer {
  readonly status: number
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into field by field
  readonly json: any
}

/** One request as an agent makes it: a JSON body without a Content-Type. */
export async function call(
  hub: Hub,
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  { token, body, headers = {} }: { token?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const response = await fetch(`${hub.url}${path}`, {
    method,
    headers: { ...(token === undefined ? {} : { authorization: `Token ${token}` }), ...headers },
    ...(body === undefined
      ? {}
      : { body: new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)) }),
  })
  const text = await response.text()
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    json = undefined
  }
  return { status: response.status, text, json }
}

const base = '/api/v1/self_hosted_agents'

export function register(hub: Hub, body: unknown, token = hub.token): Promise<Answer> {
  return call(hub, 'POST', `${base}/register`, { token, body })
}

export function syncCall(hub: Hub, token: string, body: unknown): Promise<Answer> {
  return call(hub, 'POST', `${base}/sync`, { token, body })
}

/** Registers and answers with the access token. */
export async function admitted(hub: Hub, body: Record<string, unknown> = {}): Promise<string> {
  const { status, text, json } = await register(hub, { name: 'test-agent-1', ...body })
  if (status !== 201) throw new Error(`registration got ${status}: ${text}`)
  return json.token
}
