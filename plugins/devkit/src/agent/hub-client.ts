import type { JobRequest } from '../hub/payload.ts'
import { type HttpAnswer, httpRequest } from './http.ts'
import type { AgentLog } from './log.ts'
import type { SyncReply, syncRequest } from './protocol.ts'
import { userAgent } from './version.ts'

export interface HubClient {
  register(request: object): Promise<string>
  sync(request: ReturnType<typeof syncRequest>): Promise<SyncReply>
  getJob(jobId: string): Promise<JobRequest>
  disconnect(): Promise<void>
  refreshLogToken(): Promise<string>
}

/**
 * The hub as the agent sees it: the registration token to register, the access token it gives for the rest. Errors
 * carry the real agent's words.
 * Source: semaphoreci/agent pkg/listener/selfhostedapi, 2026-02.
 */
export function hubClient(
  scheme: string,
  endpoint: string,
  registrationToken: string,
  log: AgentLog,
): HubClient {
  const base = `${scheme}://${endpoint}/api/v1/self_hosted_agents`
  let accessToken = ''
  const call = (method: 'GET' | 'POST', path: string, token: string, body?: object): Promise<HttpAnswer> =>
    httpRequest({
      method,
      url: `${base}${path}`,
      authorization: `Token ${token}`,
      userAgent,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  return {
    async register(request) {
      const { status, body } = await call('POST', '/register', registrationToken, request)
      if (status < 200 || status > 299)
        throw new Error(`register request to ${base}/register got HTTP ${status}: ${body}`)
      const answer = JSON.parse(body) as { name?: string; token?: string }
      accessToken = answer.token ?? ''
      return answer.name ?? ''
    },
    async sync(request) {
      log.info(sayRequest(request))
      const { status, body } = await call('POST', '/sync', accessToken, request)
      if (status !== 200) throw new Error(`failed to sync with upstream, got HTTP ${status}`)
      const reply = JSON.parse(body) as SyncReply
      log.info(sayReply(reply))
      return reply
    },
    async getJob(jobId) {
      const { status, body } = await call('GET', `/jobs/${jobId}`, accessToken)
      if (status !== 200) throw new Error(`failed to describe job, got HTTP ${status}`)
      return JSON.parse(body) as JobRequest
    },
    async disconnect() {
      const { status, body } = await call('POST', '/disconnect', accessToken)
      if (status !== 200) throw new Error(`error while disconnecting, status: ${status}, body: ${body}`)
    },
    async refreshLogToken() {
      log.info('Refreshing token for current job logs...')
      const { status, body } = await call('POST', '/refresh', accessToken)
      if (status !== 200) throw new Error(`failed to refresh token, got HTTP ${status}`)
      log.info('Successfully refreshed token for current job logs.')
      return (JSON.parse(body) as { token?: string }).token ?? ''
    },
  }
}

function sayRequest({ state, job_id, job_result }: ReturnType<typeof syncRequest>): string {
  if (state === 'waiting-for-jobs') return `SYNC request (state: ${state})`
  const result = state === 'finished-job' ? `, result: ${job_result}` : ''
  return `SYNC request (state: ${state}, job: ${job_id}${result})`
}

function sayReply({ action = '', job_id = '', shutdown_reason = '' }: SyncReply): string {
  if (action === 'run-job' || action === 'stop-job')
    return `SYNC response (action: ${action}, job: ${job_id})`
  return action === 'shutdown'
    ? `SYNC response (action: ${action}, reason: ${shutdown_reason})`
    : `SYNC response (action: ${action})`
}
