import { httpRequest } from './http.ts'
import type { AgentLog } from './log.ts'
import type { AgentTime } from './time.ts'
import { userAgent } from './version.ts'

const linesPerPush = 2000
const flushLimitMs = 60_000

export interface LogPusher {
  /** Pushes what is left, for a minute at most. True: the log was trimmed. */
  flush(): Promise<boolean>
}

export interface LogTarget {
  readonly url: string
  readonly token: string
  readonly lines: readonly string[]
  refreshToken(): Promise<string>
}

/**
 * Pushes the log while the job runs. 401 asks for a new token and tries again, 422 means there is no more room and
 * ends the pushing, anything else is tried again at the next turn.
 * Source: semaphoreci/agent pkg/eventlogger/httpbackend.go, 2026-02 (every 1.5 to 3 s, every 0.25 to 0.5 s while
 * flushing). Unlike there, the end of the job cuts the current wait short, so that small jobs stay quick.
 */
export function startPushing(target: LogTarget, log: AgentLog, time: AgentTime): LogPusher {
  const queue: PushQueue = { target, token: target.token, startFrom: 0 }
  let flushing = false
  let stopped = false
  let trimmed = false
  let wake: () => void = () => undefined
  log.info(`Logs will be pushed to ${target.url}`)

  const loop = async () => {
    while (!stopped) {
      const pushed = await pushNext(queue).catch((error: unknown) => {
        log.error(`Error pushing logs: ${error instanceof Error ? error.message : String(error)}`)
        return 'failed' as const
      })
      if (pushed === 'no-room') {
        log.error('Error pushing logs: no more space available for logs - stopping')
        trimmed = true
      }
      if (pushed === 'no-room' || (pushed === 'nothing' && flushing)) stopped = true
      if (stopped || (pushed === 'pushed' && flushing)) continue
      const delay = flushing ? time.between(250, 500) : time.between(1500, 3000)
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, delay)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }
  const done = loop()

  return {
    async flush() {
      log.info('Waiting for all logs to be flushed...')
      flushing = true
      wake()
      const timer = setTimeout(() => {
        if (!stopped) log.error(`Could not push all logs to ${target.url} - giving up`)
        stopped = true
        wake()
      }, time.scaled(flushLimitMs))
      await done
      clearTimeout(timer)
      return trimmed
    },
  }
}

interface PushQueue {
  readonly target: LogTarget
  token: string
  startFrom: number
}

async function pushNext(queue: PushQueue): Promise<'pushed' | 'nothing' | 'no-room'> {
  const { target, startFrom } = queue
  const batch = target.lines.slice(startFrom, startFrom + linesPerPush)
  if (batch.length === 0) return 'nothing'
  const { status } = await httpRequest({
    method: 'POST',
    url: `${target.url}?start_from=${startFrom}`,
    authorization: `Bearer ${queue.token}`,
    userAgent,
    body: `${batch.join('\n')}\n`,
    contentType: 'text/plain',
  })
  if (status === 422) return 'no-room'
  if (status === 401) queue.token = await target.refreshToken()
  if (status !== 200) throw new Error(`request to ${target.url} failed: HTTP ${status}`)
  queue.startFrom += batch.length
  return 'pushed'
}
