import { type ChildProcess, spawn } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import type { LaunchRequest, ResourceRef } from '@agentctl/contract'
import { onTestFinished } from 'vitest'
import { eventually } from './support.ts'

const program = fileURLToPath(new URL('./controller.mjs', import.meta.url))

export interface Order {
  readonly root: string
  readonly settings?: unknown
  readonly launch?: LaunchRequest
  readonly terminate?: ResourceRef
  /** Stays alive after its work, until it is killed. */
  readonly isStaying?: boolean
  /** Runs as this user. */
  readonly uid?: number
}

export interface Controller {
  readonly child: ChildProcess
  /** What it has printed. */
  output(): string
  ready(): Promise<void>
  /** Resolves with its answer, rejects with its last words. */
  answer(): Promise<unknown>
  /** SIGKILL; resolves when it is dead. */
  kill(): Promise<void>
}

/** Starts a controller process that does one thing on the state folder. */
export function startController(order: Order): Controller {
  const { root, settings = {}, launch, terminate, isStaying = false, uid } = order
  const identity = uid === undefined ? {} : { uid, gid: uid }
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'pipe'], ...identity })
  const over = new Promise<void>(resolve => child.once('close', () => resolve()))
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', bytes => (said += String(bytes)))
  const env = { PATH: process.env.PATH, AGENTCTL_LOCAL_DIR: root, A_TOKEN: 'token-of-the-controller' }
  const request = launch && { ...launch, userData: Buffer.from(launch.userData).toString('base64') }
  const verb = launch ? 'launch' : 'terminate'
  const text = JSON.stringify({ owner: 'acme-ci', env, settings, verb, request, ref: terminate, isStaying })
  child.stdin?.on('error', () => undefined).end(text)
  const kill = async () => {
    child.kill('SIGKILL')
    await over
  }
  onTestFinished(kill)
  return {
    child,
    output: () => said,
    kill,
    ready: async () => {
      await eventually('controller ready', () => said.includes('ready\n'))
    },
    answer: async () => {
      const line = await eventually('answer of the controller', () => {
        if (child.exitCode !== null && !said.includes('done ')) throw new Error(said)
        return /^done (.*)$/m.exec(said) ?? undefined
      })
      return JSON.parse(line[1] ?? '')
    },
  }
}
