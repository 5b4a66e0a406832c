import { type ContractError, hasCode, isContractError } from '@agentctl/contract'
import { messageOf } from '../errors/message.ts'
import type { Guard } from '../fleet/actions.ts'
import { committed } from './committed.ts'
import type { Engine } from './deps.ts'

/** Takes user data away, and writes down that it is gone: once for each machine. One that failed is tried again. */
export async function actGuard(engine: Engine, action: Guard): Promise<ContractError | undefined> {
  const { provider: name, ref, unit } = action
  const { journal, clock, log, admission } = engine
  const provider = engine.providers.get(name)
  if (!provider?.guard) return undefined
  const asked = { ...unit, guardAskedAt: clock.now() }
  journal.save({ units: [asked] })
  try {
    await admission.admit(name, ref.scope, 'mark', async call => {
      await committed(engine)
      await provider.guard?.(ref, call)
    })
    journal.save({ units: [{ ...asked, guardedAt: clock.now() }] })
    log.debug('Guarded', { instance: ref.id, why: action.why })
    return undefined
  } catch (error) {
    log.warn('Could not take user data away', { instance: ref.id, why: messageOf(error) })
    return isContractError(error) && hasCode(error, 'permission-denied', 'unauthenticated')
      ? error
      : undefined
  }
}
