import { z } from 'zod'
import { secretSchemes } from '../../../src/config/types.ts'

/** A key of the file, as its schema says it. */
export interface SchemaRow {
  /** Such as `pools.NAME.capacity.schedules[].cron`. */
  readonly key: string
  readonly type: string
  /** Undefined where there is none. */
  readonly default?: unknown
  readonly rules: readonly string[]
  readonly summary?: string
  /** There is neither a default nor a file without it; `with it`: where the mapping around it is given at all. */
  readonly isRequired: boolean | 'with it'
}

interface Seen {
  readonly isOptional?: boolean
  /** The mapping may be left out, and then has no keys. */
  readonly isAbsent?: boolean
  readonly isPart?: boolean
  readonly default?: unknown
  readonly summary?: string
}

const wrapping = ['optional', 'default', 'prefault']
/** What anything may stand in, for somebody else to check. */
const isOpen = (schema: z.ZodType) => schema instanceof z.ZodUnknown

/** Every key that the schema knows, in its order. */
export function schemaRows(schema: z.ZodType, key = '', seen: Seen = {}): readonly SchemaRow[] {
  const said = { ...seen, ...(schema.description !== undefined && { summary: schema.description }) }
  if (wrapping.includes(schema.type)) {
    const { innerType, defaultValue } = schema.def as unknown as {
      innerType: z.ZodType
      defaultValue?: unknown
    }
    // A mapping's own default only says that its keys have theirs.
    const isValue = schema.type === 'default'
    return schemaRows(innerType, key, {
      ...said,
      isOptional: true,
      ...(schema.type === 'optional' && { isAbsent: true }),
      ...(isValue && { default: defaultValue }),
    })
  }
  if (schema instanceof z.ZodObject) {
    const within = { isPart: said.isPart === true || said.isAbsent === true }
    return Object.entries(schema.shape).flatMap(([name, value]) =>
      schemaRows(value as z.ZodType, key === '' ? name : `${key}.${name}`, within),
    )
  }
  const inner = innerOf(schema)
  const own = rowOf(schema, key, said)
  if (inner === undefined || isOpen(inner.schema)) return [own]
  const isMapping = inner.schema instanceof z.ZodObject
  // Of named things that are no values the keys are enough.
  if (isMapping && inner.suffix === '.NAME') return schemaRows(inner.schema, `${key}.NAME`)
  return isMapping ? [own, ...schemaRows(inner.schema, `${key}${inner.suffix}`)] : [own]
}

function innerOf(schema: z.ZodType): { schema: z.ZodType; suffix: string } | undefined {
  if (schema instanceof z.ZodArray) return { schema: schema.element as z.ZodType, suffix: '[]' }
  if (schema instanceof z.ZodRecord) return { schema: schema.valueType as z.ZodType, suffix: '.NAME' }
  return undefined
}

function rowOf(schema: z.ZodType, key: string, said: Seen): SchemaRow {
  const inner = innerOf(schema)
  const rules =
    inner === undefined || isOpen(inner.schema) ? rulesOf(schema) : rulesOfItems(schema, inner.schema)
  return {
    key,
    type: typeOf(schema, rules),
    isRequired: said.isOptional !== true && (said.isPart === true ? 'with it' : true),
    rules: rules
      .filter(rule => !isReference(rule))
      .map(rule => rule.replace(/^must (not )?(be|have) /, '$1')),
    ...(said.default !== undefined && { default: said.default }),
    ...(said.summary !== undefined && { summary: said.summary }),
  }
}

function rulesOfItems(schema: z.ZodType, item: z.ZodType): readonly string[] {
  const names = schema instanceof z.ZodRecord ? wordsOf(schema.keyType as z.ZodType) : []
  const { minItems } = jsonOf(schema)
  return [
    ...names.map(rule => rule.replace('must be', 'each key')),
    ...(minItems === undefined ? [] : [`at least ${minItems}`]),
    ...(item instanceof z.ZodObject ? wordsOf : rulesOf)(item).map(rule =>
      rule.replace(/^must( be)?/, 'each'),
    ),
  ]
}

interface Json {
  readonly enum?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
  readonly minItems?: number
}

const jsonOf = (schema: z.ZodType) => z.toJSONSchema(schema, { io: 'input' }) as Json

function rulesOf(schema: z.ZodType): readonly string[] {
  const { enum: options, minimum, maximum } = jsonOf(schema)
  return [
    ...(options === undefined ? [] : [options.join(' or ')]),
    ...(maximum === undefined ? [] : [`${minimum} to ${maximum}`]),
    ...wordsOf(schema),
  ]
}

type Check = { readonly _zod: { readonly def: { readonly error?: (issue: object) => unknown } } }

/** The words in which the schema refuses a value. */
function wordsOf(schema: z.ZodType): readonly string[] {
  const { checks = [] } = schema.def as unknown as { readonly checks?: readonly Check[] }
  return checks.flatMap(({ _zod }) => {
    const words = _zod.def.error?.({})
    return typeof words === 'string' ? [words] : []
  })
}

const isReference = (rule: string) => secretSchemes.every(scheme => rule.includes(`${scheme}:`))
const isDuration = (rule: string) => rule.includes('a duration with units')
const names: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'number',
  int: 'whole number',
  boolean: 'true or false',
  enum: 'word',
  array: 'list',
  record: 'mapping',
}

function typeOf(schema: z.ZodType, rules: readonly string[]): string {
  const inner = innerOf(schema)
  if (inner !== undefined && !isOpen(inner.schema) && !(inner.schema instanceof z.ZodObject)) {
    return `${names[schema.type]} of ${rules.some(isReference) ? 'references' : `${typeOf(inner.schema, [])}s`}`
  }
  if (inner?.schema instanceof z.ZodObject) return 'list of mappings'
  if (rules.some(isReference)) return 'reference'
  if (rules.some(isDuration)) return 'duration'
  const isWhole = schema instanceof z.ZodNumber && schema.format !== null
  return names[isWhole ? 'int' : schema.type] ?? schema.type
}
