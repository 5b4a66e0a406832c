import { spawn } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import type { LaunchRequest } from '@agentctl/contract'
import { onTestFinished } from 'vitest'
import { eventually } from './support.ts'

const program = fileURLToPath(new URL('./controller.mjs', import.meta.url))

export interface Order {
  readonly root: string
  readonly settings?: unknown
  readonly launch: LaunchRequest
  /** Stays alive after its work, until it is killed. */
  readonly isStaying?: boolean
}

export interface Controller {
  /** Resolves with its answer, rejects with its last words. */
  answer(): Promise<unknown>
  /** SIGKILL; resolves when it is dead. */
  kill(): Promise<void>
}

/** Starts a controller process that launches on the state folder. */
export function startController(order: Order): Controller {
  const { root, settings = { acceleration: 'tcg' }, launch, isStaying = false } = order
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'pipe'] })
  const over = new Promise<void>(resolve => child.once('close', () => resolve()))
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', bytes => (said += String(bytes)))
  const env = { PATH: process.env.PATH, AGENTCTL_QEMU_DIR: root }
  const request = { ...launch, userData: Buffer.from(launch.userData).toString('base64') }
  const text = JSON.stringify({ owner: 'acme-ci', env, settings, request, isStaying })
  child.stdin?.on('error', () => undefined).end(text)
  const kill = async () => {
    child.kill('SIGKILL')
    await over
  }
  onTestFinished(kill)
  return {
    kill,
    answer: async () => {
      const line = await eventually('answer of the controller', () => {
        if (child.exitCode !== null && !said.includes('done ')) throw new Error(said)
        return /^done (.*)$/m.exec(said) ?? undefined
      })
      return JSON.parse(line[1] ?? '')
    },
  }
}
