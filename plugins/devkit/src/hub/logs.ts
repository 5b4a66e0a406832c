import { takeFault } from './knobs.ts'
import type { Job } from './model.ts'
import { logBytesMax } from './payload.ts'
import { emit, type HubState, newToken } from './state.ts'

const eventsMax = 2000

export interface LogPush {
  readonly startFrom: string | undefined
  readonly bearer: string | undefined
  readonly body: string
}

/**
 * Takes a batch of log events and answers with the status alone. A batch that overlaps what is there replaces it, so
 * a push whose answer was lost can be repeated.
 * Source: semaphoreio/semaphore loghub2, 2026-08: 16 MiB a job, 413 for too many events, 400 without start_from.
 */
export function pushLog(hub: HubState, job: Job, push: LogPush): number {
  const status = judge(hub, job, push)
  if (status === 200) {
    job.log.splice(Number(push.startFrom))
    job.log.push(...linesOf(push.body))
  } else {
    if (status === 422) job.logTrimmed = true
    emit(hub, { event: 'log-refused', job: job.id, status })
  }
  return status
}

function judge(hub: HubState, job: Job, push: LogPush): number {
  if (takeFault(hub.knobs, 'logs500')) return 500
  if (takeFault(hub.knobs, 'logs401')) {
    // A token that has run out is not taken again, only its successor.
    job.logToken = newToken(hub.random)
    return 401
  }
  if (push.bearer !== job.logToken) return 401
  if (hub.knobs.logs422) return 422
  if (push.startFrom === undefined || !/^\d+$/.test(push.startFrom)) return 400
  const lines = linesOf(push.body)
  if (lines.length > eventsMax) return 413
  const size = [...job.log, ...lines].reduce((sum, line) => sum + line.length + 1, 0)
  return size > logBytesMax ? 422 : 200
}

function linesOf(body: string): string[] {
  return body.split('\n').filter(line => line !== '')
}

/** What the job printed, without the events around it. */
export function plainLog(job: Job): string {
  return job.log
    .map(line => {
      const event = JSON.parse(line) as { event?: string; output?: string; directive?: string }
      if (event.event === 'cmd_output') return event.output ?? ''
      return event.event === 'cmd_started' ? `$ ${event.directive ?? ''}\n` : ''
    })
    .join('')
}
