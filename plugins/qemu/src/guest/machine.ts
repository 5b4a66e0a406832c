import { type ChildProcess, spawn } from 'node:child_process'
import type { Duplex, Readable } from 'node:stream'
import { sendSignal } from '../effects.ts'
import type { EndReason } from '../records.ts'
import { pause } from './effects.ts'
import { openQmp } from './qmp.ts'

/** How long QEMU may take to quit before it is killed. Unit: milliseconds. */
const quitMs = 1_000

export interface MachineOptions {
  /** What to run, with {@link controlFd} as QEMU's control socket. */
  readonly command: readonly string[]
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
  /** What comes over the serial port, and what QEMU itself has to say. */
  readonly onOutput: (bytes: Uint8Array) => void
  /** QEMU's word for what its machine does, at the start and whenever it has changed. */
  readonly onStatus: (status: string) => void
}

export interface Ending {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
}

/** A QEMU process and its machine. */
export interface Machine {
  readonly pid: number | undefined
  /** Rejects where QEMU could not be started. */
  readonly ended: Promise<Ending>
  /** Resolves once the last of the console and of QEMU's events has come. */
  readonly drained: Promise<unknown>
  /** Why its machine ended, as far as QEMU has said so. */
  cause(): EndReason | undefined
  /** Presses the power button; false where QEMU is not ready to. */
  ask(): Promise<boolean>
  /** Ends QEMU: it may quit, else it is killed. */
  end(): Promise<void>
}

export const controlFd = 3

/** What QEMU gives as the reason of its SHUTDOWN event, where the guest is behind it. Source: QEMU 7.2, QAPI, ShutdownCause. */
const causes: Readonly<Record<string, EndReason>> = {
  'guest-shutdown': 'powered-off',
  'guest-reset': 'rebooted',
  'guest-panic': 'panicked',
}

/** In these a machine goes on no more, and QEMU would keep it for a person to look at. */
const deadEnds: Readonly<Record<string, EndReason>> = {
  'internal-error': 'crashed',
  'io-error': 'crashed',
  'guest-panicked': 'panicked',
}

export function startMachine({ command, folder, env, onOutput, onStatus }: MachineOptions): Machine {
  const [file = '', ...args] = command
  const child = spawn(file, args, {
    cwd: folder,
    env: { ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  const { pid } = child
  let cause: EndReason | undefined
  let isEnded = false
  const kill = () => {
    if (pid !== undefined && !isEnded) sendSignal(-pid, 'SIGKILL')
  }
  const control = child.stdio[controlFd] as Duplex
  const qmp = openQmp(control, ({ event, data }) => {
    if (event === 'SHUTDOWN') cause ??= causes[String(data.reason)]
    if (['STOP', 'RESUME', 'SUSPEND', 'WAKEUP', 'GUEST_PANICKED'].includes(event)) void lookAtStatus()
  })
  const lookAtStatus = async (): Promise<void> => {
    const status = await qmp.execute('query-status').then(statusOf, () => undefined)
    if (status === undefined) return
    onStatus(status)
    const deadEnd = deadEnds[status]
    if (!deadEnd) return
    cause ??= deadEnd
    kill()
  }
  void lookAtStatus()
  const ended = endingOf(child).finally(() => {
    isEnded = true
  })
  return {
    pid,
    ended,
    drained: Promise.all([drain(child.stdout, onOutput), drain(child.stderr, onOutput), closed(control)]),
    cause: () => cause,
    ask: () =>
      qmp.execute('system_powerdown').then(
        () => true,
        () => false,
      ),
    end: async () => {
      qmp.execute('quit', { timeoutMs: quitMs }).catch(() => undefined)
      await Promise.race([ended.catch(() => undefined), pause(quitMs)])
      kill()
    },
  }
}

function statusOf(answer: unknown): string | undefined {
  const status = answer instanceof Object && 'status' in answer ? answer.status : undefined
  return typeof status === 'string' ? status : undefined
}

function endingOf(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }))
  })
}

function drain(output: Readable | null, onOutput: (bytes: Uint8Array) => void): Promise<void> {
  output?.on('data', onOutput)
  return output ? closed(output) : Promise.resolve()
}

function closed(stream: Readable): Promise<void> {
  return new Promise(resolve => stream.once('close', resolve))
}
