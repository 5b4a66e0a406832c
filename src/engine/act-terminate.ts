import { type Call, type ContractError, hasCode, isContractError, type Provider } from '@agentctl/contract'
import { messageOf } from '../errors/message.ts'
import type { Terminate } from '../fleet/actions.ts'
import { keptOf } from '../fleet/endings.ts'
import type { UnitRecord } from '../fleet/records.ts'
import { isFailure } from '../fleet/wants.ts'
import { readConsole } from '../presence/console.ts'
import { committed } from './committed.ts'
import type { Engine } from './deps.ts'

/**
 * Asks for the end of a machine; what it said last is kept first, for the machine takes it along. One that was thought
 * to have no agent, and says there that it has, is left at work.
 */
export async function actTerminate(engine: Engine, action: Terminate): Promise<ContractError | undefined> {
  const { provider: name, reason, why } = action
  const provider = engine.providers.get(name)
  if (!provider) return undefined
  const unit =
    action.unit &&
    (await withConsole(engine, provider, action, { ...action.unit, reason: action.unit.reason ?? reason }))
  const askedAt = engine.clock.now()
  if (action.unit && unit && saysThatItWorks(unit)) {
    engine.log.warn('Not ended: it says that its agent has registered', { instance: action.ref.id, why })
    const marks = { ...action.unit.marks, 'agent-registered': askedAt }
    engine.journal.save({ units: [{ ...action.unit, marks }] })
    return undefined
  }
  if (unit) {
    const asked: UnitRecord = {
      ...unit,
      phase: 'terminating',
      terminateAskedAt: askedAt,
      detail: unit.detail ?? why,
      entered: { ...unit.entered, terminating: unit.entered.terminating ?? askedAt },
    }
    engine.journal.save({ units: [asked] })
    return ask(engine, provider, action, asked)
  }
  return ask(engine, provider, action, undefined)
}

async function ask(
  engine: Engine,
  provider: Provider,
  action: Terminate,
  unit: UnitRecord | undefined,
): Promise<ContractError | undefined> {
  const { provider: name, ref, why } = action
  let isSent = false
  try {
    const answer = await engine.admission.admit(name, ref.scope, 'terminate', async call => {
      await committed(engine)
      if (await mayHaveAgent(engine, provider, action, unit, call)) return 'spared'
      isSent = true
      return provider.terminate(ref, call)
    })
    if (answer === 'spared') {
      engine.log.debug('Not ended: it may have an agent by now', { instance: ref.id, why })
      if (action.unit) engine.journal.save({ units: [action.unit] })
      return undefined
    }
    engine.log.debug('Terminated', { instance: ref.id, answer, why })
    if (unit) engine.journal.save({ units: [answered(unit, answer, engine.clock.now())] })
    return undefined
  } catch (error) {
    engine.log.warn('Could not terminate', { instance: ref.id, reason: why, why: messageOf(error) })
    // What the cloud was not told goes on as it was: its agent may come, and then it is at work.
    if (!isSent && action.unit) engine.journal.save({ units: [action.unit] })
    return isContractError(error) && hasCode(error, 'permission-denied', 'unauthenticated', 'not-owned')
      ? error
      : undefined
  }
}

/** A machine that had no agent may have one after so long: the next tick looks again. Unit: milliseconds. */
const callOffMs = 3_000

/** Whether one that is called off for having no agent is ended too late for that. Where its console is free, it is asked. */
async function mayHaveAgent(
  { clock }: Engine,
  provider: Provider,
  { isCallOff, ref }: Terminate,
  unit: UnitRecord | undefined,
  call: Call,
): Promise<boolean> {
  if (!isCallOff) return false
  if (unit?.terminateAskedAt !== undefined && clock.now() - unit.terminateAskedAt > callOffMs) return true
  if (provider.capabilities.console !== 'live') return false
  const tail = await provider.consoleTail?.(ref, call).catch(() => '')
  const { marks } = readConsole(tail ?? '')
  return 'agent-registered' in marks || ('agent-started' in marks && !('agent-refused' in marks))
}

/** A list of agents may be as old as its hub likes, or its machine have been slow: the machine knows better. */
function saysThatItWorks({ reason, consoleTail = '' }: UnitRecord): boolean {
  if (reason !== 'boot-timeout' && reason !== 'agent-timeout') return false
  const { marks, end } = readConsole(consoleTail)
  return 'agent-registered' in marks && !('agent-ended' in marks) && end === undefined
}

function answered(unit: UnitRecord, answer: 'accepted' | 'gone', now: number): UnitRecord {
  if (answer === 'accepted') return { ...unit, terminateAcceptedAt: now }
  return { ...unit, phase: 'gone', entered: { ...unit.entered, gone: now } }
}

/** A console is worth keeping where something went wrong. */
async function withConsole(
  engine: Engine,
  provider: Provider,
  { provider: name, ref }: Terminate,
  unit: UnitRecord,
) {
  if (unit.consoleTail !== undefined || !isFailure(unit) || !provider.consoleTail) return unit
  const tail = await engine.admission
    .admit(name, ref.scope, 'read', async call => (await provider.consoleTail?.(ref, call)) ?? '')
    .catch(() => '')
  return tail ? { ...unit, consoleTail: keptOf(tail) } : unit
}
