/** One statement of an IAM policy. */
export interface Statement {
  readonly Sid: string
  readonly Effect: 'Allow'
  readonly Action: readonly string[]
  readonly Resource: readonly string[]
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>
}

/** Undefined where there is nothing to allow: an empty list would make the whole policy invalid. */
export function allow(
  sid: string,
  actions: readonly string[],
  resources: readonly string[],
  condition?: Statement['Condition'],
): readonly Statement[] {
  if (actions.length === 0 || resources.length === 0) return []
  return [
    {
      Sid: sid,
      Effect: 'Allow',
      Action: [...new Set(actions)],
      Resource: [...new Set(resources)],
      ...(condition && { Condition: condition }),
    },
  ]
}
