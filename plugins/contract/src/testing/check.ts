import type { CheckContext } from './context.ts'

/** The rules of the README, and the optional verbs, which have cases but no number. */
export type Rule =
  | 'L1'
  | 'L2'
  | 'L3'
  | 'L4'
  | 'L5'
  | 'L6'
  | 'L7'
  | 'S1'
  | 'S2'
  | 'S3'
  | 'T1'
  | 'T2'
  | 'T3'
  | 'T4'
  | 'P1'
  | 'P2'
  | 'C1'
  | 'C2'
  | 'C3'
  | 'U1'
  | 'K1'
  | 'K2'
  | 'K3'
  | 'K4'
  | 'K5'
  | 'K6'
  | 'K7'
  | 'K8'
  | 'K9'
  | 'capabilities'
  | 'mark'
  | 'guard'
  | 'consoleTail'
  | 'connect'

/** What a case cannot do without; see {@link needsMet}. */
export type Need =
  | 'batch'
  | 'mark'
  | 'guard'
  | 'consoleTail'
  | 'connect'
  | 'process-guest-runs'
  | 'oob:createForeign'
  | 'oob:userDataOf'
  | 'oob:powerOff'
  | 'fault:loseNextLaunchReply'
  | 'fault:failNextLaunch'
  | 'fault:shortNextLaunch'
  | 'fault:hangNextLaunch'
  | 'fault:failListMidway'
  | 'fault:throttleNextCall'
  | 'fault:rejectNextCredentials'
  | 'fault:unmapState'

/** One case: resolves when the provider keeps the rule, rejects with what it did instead. */
export interface Check {
  readonly rule: Rule
  readonly title: string
  readonly needs?: readonly Need[]
  run(context: CheckContext): Promise<void>
}

const isMet: Readonly<Record<Need, (context: CheckContext) => boolean>> = {
  batch: ({ capabilities }) => capabilities.launchBatchMax > 1,
  mark: ({ provider }) => provider.mark !== undefined,
  guard: ({ provider }) => provider.guard !== undefined,
  consoleTail: ({ provider }) => provider.consoleTail !== undefined,
  connect: ({ provider }) => provider.connect !== undefined,
  'process-guest-runs': ({ target, capabilities }) =>
    target.runsUserData === true && target.userData === undefined && capabilities.guests.includes('process'),
  'oob:createForeign': ({ target }) => target.outOfBand.createForeign !== undefined,
  'oob:userDataOf': ({ target }) => target.outOfBand.userDataOf !== undefined,
  'oob:powerOff': ({ target }) => target.outOfBand.powerOff !== undefined,
  'fault:loseNextLaunchReply': ({ target }) => target.faults?.loseNextLaunchReply !== undefined,
  'fault:failNextLaunch': ({ target }) => target.faults?.failNextLaunch !== undefined,
  'fault:shortNextLaunch': ({ target }) => target.faults?.shortNextLaunch !== undefined,
  'fault:hangNextLaunch': ({ target }) => target.faults?.hangNextLaunch !== undefined,
  'fault:failListMidway': ({ target }) => target.faults?.failListMidway !== undefined,
  'fault:throttleNextCall': ({ target }) => target.faults?.throttleNextCall !== undefined,
  'fault:rejectNextCredentials': ({ target }) => target.faults?.rejectNextCredentials !== undefined,
  'fault:unmapState': ({ target }) => target.faults?.unmapState !== undefined,
}

/** What `check` needs and this provider or target does not have. */
export function unmetNeeds(check: Check, context: CheckContext): readonly Need[] {
  return (check.needs ?? []).filter(need => !isMet[need](context))
}
