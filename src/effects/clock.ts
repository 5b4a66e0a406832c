import { setTimeout as wait } from 'node:timers/promises'
import type { Clock } from '@agentctl/contract'

export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(ms, signal) {
    await wait(ms, undefined, signal ? { signal } : {}).catch(error => {
      throw signal?.aborted ? signal.reason : error
    })
  },
}
