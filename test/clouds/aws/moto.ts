import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { PlayedCloud } from '../guests.ts'

const script = fileURLToPath(new URL('./moto_plus.py', import.meta.url))
/** Where `setup.sh` puts moto when it is not on PATH. */
const ownEnvironment = join(
  process.env.AGENTCTL_MOTO ?? join(homedir(), '.cache/agentctl-moto'),
  'bin/python',
)
const startMs = 60_000

/** An instance as the emulated cloud has it. */
export interface MotoInstance {
  readonly id: string
  readonly state: string
  /** Its index in its launch. */
  readonly index: number
  /** In base64. */
  readonly userData: string
  readonly shutdownBehavior: string
  readonly tags: Readonly<Record<string, string>>
  readonly market: 'spot' | 'on-demand'
  readonly type: string
  readonly subnet: string
  readonly metadata: { readonly tokens: string | null; readonly hops: number | null }
}

export interface MotoResource {
  readonly kind: 'instance' | 'disk' | 'interface' | 'spot-request'
  readonly id: string
  readonly tags: Readonly<Record<string, string>>
}

/** `userData` of those alone that were not known, in base64. */
type Running = Pick<MotoInstance, 'id' | 'index'> & { readonly userData?: string }

export interface Knobs {
  /** Instances younger than this are not listed yet. */
  readonly hideSeconds: number
  /** Most instances that one launch gets; 0 is no capacity at all. */
  readonly countMax: number
  /** The same, of the next launch alone. */
  readonly countNext: number
  /** What a client token gives once its instances have ended; EC2 has been seen to do both. */
  readonly spentToken: 'answers' | 'refuses'
  /** How long an instance is shutting down. */
  readonly terminateSeconds: number
}

/** A moto server of this test's own. Out of band: none of it is a call of the product. */
export interface Moto extends AsyncDisposable {
  readonly url: string
  readonly region: string
  /** What a process needs to use it. */
  readonly env: Readonly<Record<string, string>>
  /** As `test/clouds/guests.ts` plays it. */
  readonly played: PlayedCloud
  /** Guests of one owner alone. */
  readonly playedOf: (owner: string) => PlayedCloud
  instances(): Promise<readonly MotoInstance[]>
  /** All that costs something and is tagged with this owner. */
  left(owner: string): Promise<readonly MotoResource[]>
  set(knobs: Partial<Knobs>): Promise<void>
  powerOff(id: string): Promise<void>
  reclaim(id: string): Promise<void>
  setState(id: string, state: string): Promise<void>
  reset(): Promise<void>
}

/** Why moto cannot be started here, or undefined. Where `CI` is set that is an error. */
export function missingMoto(): string | undefined {
  if (pythonWithMoto() !== undefined) return undefined
  const why = "moto is missing: pip install 'moto[server]', or run test/clouds/aws/setup.sh"
  if (process.env.CI) throw new Error(why)
  return why
}

let found: string | undefined

/** The interpreter that moto belongs to: that of setup.sh, or the one behind `moto_server` on PATH. */
function pythonWithMoto(): string | undefined {
  found ??= [ownEnvironment, ...interpreters()].find(hasMoto)
  return found
}

function interpreters(): readonly string[] {
  const on = (process.env.PATH ?? '').split(':').map(folder => join(folder, 'moto_server'))
  const scripts = on.filter(file => existsSync(file)).map(file => ({ file, first: firstLine(file) }))
  const direct = scripts.flatMap(({ first }) =>
    first.includes('python') ? [first.replace(/^#!\s*/, '')] : [],
  )
  // The script of a version switcher: it knows where the real one is.
  const real = spawnSync('pyenv', ['which', 'moto_server'], { encoding: 'utf8' }).stdout?.trim()
  const behind = real && existsSync(real) ? [firstLine(real).replace(/^#!\s*/, '')] : []
  return [...direct, ...behind, 'python3']
}

function firstLine(file: string): string {
  return readFileSync(file, 'utf8').split('\n', 1)[0] ?? ''
}

function hasMoto(python: string): boolean {
  return spawnSync(python, ['-c', 'import moto.server, werkzeug'], { stdio: 'ignore' }).status === 0
}

export async function startMoto(region = 'us-east-1'): Promise<Moto> {
  const python = pythonWithMoto()
  if (python === undefined) throw new Error(missingMoto())
  const port = await freePort()
  const child = spawn(python, [script, String(port)], { stdio: ['pipe', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4_000)
  })
  const url = `http://127.0.0.1:${port}`
  const until = Date.now() + startMs
  while (!(await answers(url))) {
    if (child.exitCode !== null || Date.now() > until) throw new Error(`moto did not start: ${said}`)
    await sleep(50)
  }
  const ask = async (path: string, body: object = {}) => {
    const answer = await fetch(`${url}/_cloud/${path}`, {
      method: 'POST',
      body: JSON.stringify({ region, ...body }),
    })
    if (!answer.ok) throw new Error(`moto: ${path}: ${answer.status}\n${said}`)
    return (await answer.json()) as unknown
  }
  const instances = async () => (await ask('instances')) as readonly MotoInstance[]
  const userData = new Map<string, Uint8Array>()
  const runningOf = async (owner?: string) => {
    const known = [...userData.keys()]
    const found = (await ask('running', { known, ...(owner && { owner }) })) as readonly Running[]
    for (const one of found)
      if (one.userData !== undefined) userData.set(one.id, Buffer.from(one.userData, 'base64'))
    return found.map(({ id, index }) => ({ id, index, userData: userData.get(id) ?? new Uint8Array() }))
  }
  const powerOff = async (id: string) => void (await ask('power-off', { id }))
  const reclaim = async (id: string) => void (await ask('reclaim', { id }))
  const write = async (id: string, text: string) => void (await ask('console', { id, text }))
  const acts = { powerOff, reclaim, write }
  return {
    url,
    region,
    env: {
      AWS_ENDPOINT_URL: url,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'example',
    },
    played: { running: () => runningOf(), ...acts },
    playedOf: owner => ({ running: () => runningOf(owner), ...acts }),
    instances,
    left: async owner =>
      ((await ask('resources')) as readonly MotoResource[]).filter(
        one => one.tags['agentctl-owner'] === owner,
      ),
    set: async knobs => void (await ask('knobs', knobs)),
    powerOff,
    reclaim,
    setState: async (id, state) => void (await ask('state', { id, state })),
    reset: async () => void (await fetch(`${url}/moto-api/reset`, { method: 'POST' })),
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null) return
      const ended = new Promise(resolve => child.once('exit', resolve))
      child.stdin.end()
      await ended
    },
  }
}

async function answers(url: string): Promise<boolean> {
  return fetch(`${url}/moto-api/`).then(
    answer => answer.ok,
    () => false,
  )
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>(resolve => probe.listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise(resolve => probe.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
