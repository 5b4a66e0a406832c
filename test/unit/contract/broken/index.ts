import type { Broken } from './broken.ts'
import { launches } from './launches.ts'
import { ends, lists } from './lists-and-ends.ts'
import { calls, guests, specs } from './specs-and-calls.ts'

export type { Broken }
export const brokenProviders: readonly Broken[] = [
  ...launches,
  ...lists,
  ...ends,
  ...specs,
  ...calls,
  ...guests,
]
