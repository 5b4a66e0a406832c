import type { Passed } from './front.ts'

/** In the order of their weight. */
export const callClasses = ['create', 'terminate', 'list', 'look-up', 'console', 'set-up'] as const
export type CallClass = (typeof callClasses)[number]

const classOf: Readonly<Record<string, CallClass>> = {
  RunInstances: 'create',
  TerminateInstances: 'terminate',
  DescribeInstances: 'list',
  GetConsoleOutput: 'console',
}

export interface CallCounts {
  readonly counts: Readonly<Record<CallClass, number>>
  /** Most lists of instances within any minute. */
  readonly listsAMinute: number
}

/** Everything else is looked up before the first launch: image, network, quota, rights. */
export function countCalls(passed: readonly Passed[]): CallCounts {
  const kinds = passed.map(kindOf)
  const counts = Object.fromEntries(
    callClasses.map(kind => [kind, kinds.filter(one => one === kind).length]),
  ) as Record<CallClass, number>
  const lists = passed.filter(one => kindOf(one) === 'list').map(({ at }) => at)
  const within = lists.map(from => lists.filter(at => at >= from && at < from + 60_000).length)
  return { counts, listsAMinute: Math.max(0, ...within) }
}

/** A look at machines by their ids is no list. */
function kindOf({ action, isDry, params }: Passed): CallClass {
  const kind = isDry ? 'set-up' : (classOf[action] ?? 'set-up')
  return kind === 'list' && isById(params) ? 'look-up' : kind
}

export function isById(params: URLSearchParams): boolean {
  return params.has('InstanceId.1') || [...params.values()].includes('instance-id')
}
