import { Hono } from 'hono'
import { pushLog } from '../hub/logs.ts'
import type { HubState } from '../hub/state.ts'
import type { HubEnv } from './call.ts'

/** Where agents push job logs; a service of its own in the real Semaphore, with tokens of its own. */
export function logApi(hub: HubState): Hono<HubEnv> {
  const app = new Hono<HubEnv>()
  app.post('/:id', async call => {
    const job = hub.jobs.get(call.req.param('id').toLowerCase())
    if (job === undefined) return call.text('', 404)
    const status = pushLog(hub, job, {
      startFrom: call.req.query('start_from'),
      bearer: /^Bearer (.+)$/.exec(call.req.header('authorization') ?? '')?.[1],
      body: await call.req.text(),
    })
    return new Response('', { status })
  })
  return app
}
