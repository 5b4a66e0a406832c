import type { JobResult } from './model.ts'

/** What happened, for tests and for people. Times are ISO 8601; `n` counts from 1. */
export type NewEvent =
  | { readonly event: 'hub-started'; readonly endpoint: string }
  | { readonly event: 'type-created' | 'type-deleted'; readonly type: string }
  | { readonly event: 'job-queued'; readonly job: string; readonly name: string; readonly type: string }
  | {
      readonly event: 'registered'
      readonly agent: string
      readonly type: string
      readonly job: string | null
    }
  | {
      readonly event: 'refused'
      readonly agent: string
      readonly type: string
      readonly status: number
      readonly why: string
      readonly job: string | null
    }
  | { readonly event: 'register-reply-lost'; readonly agent: string; readonly job: string | null }
  | { readonly event: 'handed-out' | 'job-started'; readonly agent: string; readonly job: string }
  | { readonly event: 'stop-requested'; readonly job: string }
  | { readonly event: 'stop-job'; readonly agent: string; readonly job: string }
  | {
      readonly event: 'job-finished'
      readonly agent: string | null
      readonly job: string
      readonly result: JobResult
      readonly why?: string
    }
  | { readonly event: 'disabled' | 'interrupted' | 'disconnected'; readonly agent: string }
  | { readonly event: 'shutdown'; readonly agent: string; readonly reason: string }
  | { readonly event: 'dropped'; readonly agent: string; readonly why: string; readonly job: string | null }
  | { readonly event: 'log-refused'; readonly job: string; readonly status: number }
  | { readonly event: 'token-refreshed'; readonly agent: string; readonly job: string }
  | {
      readonly event: 'unauthorized'
      readonly method: string
      readonly path: string
      readonly status: number
    }
  | { readonly event: 'fault'; readonly knob: string; readonly path: string }
  | { readonly event: 'knobs'; readonly change: object }

export type HubEvent = NewEvent & { readonly n: number; readonly at: string }

export function stamp(event: NewEvent, n: number, now: number): HubEvent {
  return { n, at: new Date(now).toISOString(), ...event }
}
