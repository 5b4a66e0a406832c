import { z } from 'zod'
import { didYouMean } from '../errors/index.ts'
import type { Path } from './path.ts'

/** A mapping that takes these keys only; a wrong one is told with the key that was probably meant. */
export function strict<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = Object.keys(shape)
  return z.strictObject(shape, {
    error: issue => {
      if (issue.code !== 'unrecognized_keys') return undefined
      // One line a key, which `issuesOf` takes apart again.
      return issue.keys.map(key => `is not a key of the configuration${didYouMean(key, known)}`).join('\n')
    },
  })
}

type RawIssue = Parameters<z.core.$ZodErrorMap>[0]

/** zod's issues in our words; undefined leaves the wording to the schema. */
export function wording(issue: RawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? 'is missing'
        : `must be ${kinds[issue.expected] ?? issue.expected}, not ${kindOf(issue.input)}`
    case 'invalid_value':
      return `must be ${issue.values.join(' or ')}`
    case 'too_small':
      return issue.origin === 'array'
        ? `must have at least ${issue.minimum} item`
        : `must be at least ${issue.minimum}`
    case 'too_big':
      return `must be at most ${issue.maximum}${issue.origin === 'string' ? ' characters long' : ''}`
    default:
      return undefined
  }
}

const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
}

function kindOf(value: unknown): string {
  if (value === null) return 'empty'
  if (Array.isArray(value)) return 'a list'
  if (value instanceof Object) return 'a mapping'
  return typeof value === 'string' ? 'a text' : `a ${typeof value}`
}

/** One thing that is wrong, where it stands. */
export interface Issue {
  readonly path: Path
  readonly message: string
}

export function issuesOf(error: z.ZodError): readonly Issue[] {
  return error.issues.flatMap(issue => {
    const path = issue.path.map(part => (typeof part === 'number' ? part : String(part)))
    if (issue.code === 'unrecognized_keys') {
      const messages = issue.message.split('\n')
      return issue.keys.map((key, index) => ({ path: [...path, key], message: messages[index] ?? '' }))
    }
    if (issue.code === 'invalid_key') return issue.issues.map(({ message }) => ({ path, message }))
    return [{ path, message: issue.message }]
  })
}
