import type { CoordinatorCheck } from '../check.ts'
import { bucketChecks } from './buckets.ts'
import { commitChecks } from './commits.ts'
import { grantChecks } from './grants.ts'
import { handOverChecks } from './hand-over.ts'
import { hostChecks } from './hosts.ts'
import { ownerChecks } from './owners.ts'
import { readChecks } from './reads.ts'
import { silenceChecks } from './silence.ts'
import { workChecks } from './works.ts'

/** Every case of the kit, as plain functions, so that a broken coordinator can be asserted to fail them. */
export const coordinatorChecks: readonly CoordinatorCheck[] = [
  ...workChecks,
  ...silenceChecks,
  ...handOverChecks,
  ...commitChecks,
  ...readChecks,
  ...grantChecks,
  ...bucketChecks,
  ...hostChecks,
  ...ownerChecks,
]
