import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type AgentRun, runAgent, type Sign } from './agent-run.ts'
import { setUp } from './set-up.ts'

/**
 * What becomes of a guest. `never-boots`: nothing ever happens on it. `dies`: it ends without a word as soon as that
 * is reached. `reclaimed`: the cloud gives notice then, the machine
 * ends when its agent has left, and is taken after the notice.
 */
export type Fate =
  | { readonly kind: 'never-boots' }
  | { readonly kind: 'dies'; readonly at: Stage }
  | { readonly kind: 'reclaimed'; readonly at: Stage; readonly noticeMs: number }

/** `boot`: before its agent starts. */
export type Stage = 'boot' | 'registered' | 'job'

export interface GuestPlace {
  readonly userData: Uint8Array
  readonly metadataUrl: string
  readonly fate: Fate | undefined
  /** Appends to its console. */
  write(text: string): void
}

/** What the guest does to its machine: powers it off, loses it to the cloud, or nothing. */
export type GuestEnd = 'off' | 'reclaimed' | 'nothing'

export interface Guest {
  readonly ended: Promise<GuestEnd>
  /** Resolves when its agent has registered, or it has ended. */
  readonly started: Promise<void>
  /** Resolves when nothing of it is left on this machine. */
  readonly over: Promise<unknown>
  /** Its machine is ended from outside. */
  stop(): void
}

/** The life of one guest, from its boot to the moment at which it powers itself off. */
export function startGuest(place: GuestPlace): Guest {
  const started = Promise.withResolvers<void>()
  const taken = Promise.withResolvers<GuestEnd>()
  const stopped = new AbortController()
  let stopCause: string | undefined
  let agent: AgentRun | undefined
  const stop = () => {
    stopped.abort()
    agent?.child.kill('SIGKILL')
  }
  const reach = (stage: Stage) => {
    const { fate } = place
    if (!fate || fate.kind === 'never-boots' || fate.at !== stage) return
    if (fate.kind === 'dies') {
      stop()
      taken.resolve('off')
      return
    }
    stopCause = 'spot-reclaimed'
    agent?.child.kill('SIGTERM')
    void sleep(agent ? fate.noticeMs : 0).then(() => {
      stop()
      taken.resolve('reclaimed')
    })
  }
  const onSign = (sign: Sign) => {
    if (sign === 'registered') started.resolve()
    if (sign === 'registered' || sign === 'job') reach(sign)
  }
  const live = async (): Promise<GuestEnd> => {
    if (place.fate?.kind === 'never-boots') return 'nothing'
    reach('boot')
    return await superviseIn(place, {
      signal: stopped.signal,
      stopCause: () => stopCause,
      onSign,
      onRun: run => {
        agent = run
      },
    })
  }
  const over = live()
  const ended = Promise.race([over, taken.promise]).finally(() => started.resolve())
  return { ended, started: started.promise, over, stop }
}

interface Supervised {
  readonly signal: AbortSignal
  /** What asked the agent to stop: then that is the reason of the end. */
  readonly stopCause: () => string | undefined
  readonly onSign: (sign: Sign) => void
  readonly onRun: (run: AgentRun) => void
}

async function superviseIn(
  place: GuestPlace,
  { signal, stopCause, onSign, onRun }: Supervised,
): Promise<GuestEnd> {
  const folder = await mkdtemp(join(tmpdir(), 'agentctl-guest-'))
  const bootedAt = Date.now()
  const mark = (phase: string) =>
    place.write(`agentctl: phase=${phase} t=${((Date.now() - bootedAt) / 1000).toFixed(2)}\n`)
  const end = (reason: string, detail: string): GuestEnd => {
    const cause = stopCause()
    mark('power-off')
    const said = cause ? `${cause} the agent's end: ${reason}, ${detail}` : `${reason} ${detail}`
    place.write(`agentctl: end reason=${said}\n`)
    return 'off'
  }
  try {
    mark('booted')
    const { config, agentMs } = await setUp(place.userData, folder, place.metadataUrl)
    for (let pauseMs = 500; !signal.aborted; pauseMs = Math.min(5_000, pauseMs * 2)) {
      mark('agent-started')
      const run = await runAgent(config, folder, sign => {
        if (sign === 'registered') mark('agent-registered')
        onSign(sign)
      })
      onRun(run)
      const { code, signs, lastLine } = await run.ended
      if (signal.aborted) break
      const reason = await readFile(join(folder, 'reason'), 'utf8').catch(() => '')
      mark('agent-ended')
      if (reason !== '') return end(reason.trim().toLowerCase().replaceAll('_', '-'), `exit=${code}`)
      if (!signs.has('unregistered')) return end('agent-failed', `exit=${code}: ${lastLine}`)
      const isLate = Date.now() - bootedAt > agentMs
      if (isLate) return end(signs.has('refused') ? 'refused' : 'agent-timeout', lastLine)
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined)
    }
    return 'nothing'
  } catch (error) {
    return signal.aborted ? 'nothing' : end('agent-failed', `boot: ${(error as Error).message}`)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
