import { contractError } from '@agentctl/contract'
import { z } from 'zod'
import { requestJson } from '../effects/http.ts'
import type { Queue } from '../fleet/picture.ts'

/** The list has no pages: what is beyond it is known by its count alone. */
const listMax = 500
const timeoutMs = 20_000
/** What a cache on the way has kept for longer says nothing about now. */
const ageMaxMs = 120_000

const jobsAnswer = z.object({ jobs: z.array(z.object({ id: z.string() })) })
const metricsAnswer = z.object({ jobs: z.object({ queued: z.number(), running: z.number().default(0) }) })

export interface HubAddress {
  /** Host, or host:port. */
  readonly endpoint: string
  readonly noHttps: boolean
}

export function hubOrigin({ endpoint, noHttps }: HubAddress): string {
  return `${noHttps ? 'http' : 'https'}://${endpoint}`
}

/**
 * The queue of the agent type that `token`, its registration token, stands for: job ids oldest first.
 * The hub lists the newest first, at most 500; beyond that `/metrics` says how many there are. Where machines take any
 * job, the counts of `/metrics` are all that is asked for.
 * Source: semaphore self_hosted_hub pkg/publicapi/server.go, 2026-08.
 * @throws `unauthenticated`, `rate-limited`, `unavailable`
 */
export async function readQueue(
  address: HubAddress,
  agentType: string,
  token: string,
  signal: AbortSignal,
  binding: 'job' | 'queue' = 'job',
): Promise<Queue> {
  const ask = async <T>(path: string, shape: z.ZodType<T>): Promise<T> => {
    const url = `${hubOrigin(address)}/api/v1/self_hosted_agents/${path}`
    const what = `the ${path} of ${agentType}`
    const answer = await requestJson({
      url,
      authorization: `Token ${token}`,
      signal,
      timeoutMs,
      ageMaxMs,
      what,
    })
    const parsed = shape.safeParse(answer)
    if (parsed.success) return parsed.data
    throw contractError('unavailable', `${address.endpoint} gave an unexpected answer for ${what}`, {
      cause: parsed.error,
    })
  }
  if (binding === 'queue') {
    const { jobs } = await ask('metrics', metricsAnswer)
    return { jobIds: [], queuedCount: jobs.queued, runningCount: jobs.running }
  }
  const { jobs } = await ask('jobs', jobsAnswer)
  // Twice in one answer is still one job; whether the list is full goes by the answer.
  const jobIds = [...new Set(jobs.map(job => job.id).reverse())]
  if (jobs.length < listMax) return { jobIds, queuedCount: jobIds.length }
  const metrics = await ask('metrics', metricsAnswer)
  return { jobIds, queuedCount: Math.max(jobIds.length, metrics.jobs.queued) }
}
