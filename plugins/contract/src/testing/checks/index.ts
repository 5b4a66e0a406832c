import type { Check } from '../check.ts'
import { callChecks } from './calls.ts'
import { connectChecks } from './connect.ts'
import { guestChecks } from './guest.ts'
import { launchChecks } from './launch.ts'
import { launchFaultChecks } from './launch-faults.ts'
import { listChecks } from './list.ts'
import { markChecks } from './mark.ts'
import { specChecks } from './spec.ts'
import { terminateChecks } from './terminate.ts'

/** Every case of the kit, as plain functions, so that a broken provider can be asserted to fail them. */
export const checks: readonly Check[] = [
  ...specChecks,
  ...launchChecks,
  ...launchFaultChecks,
  ...listChecks,
  ...terminateChecks,
  ...callChecks,
  ...guestChecks,
  ...markChecks,
  ...connectChecks,
]
