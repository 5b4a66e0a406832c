import type { JsonSchema } from '@agentctl/contract'
import { code, listed, markdownTable } from './table.ts'

interface Schema {
  readonly type?: string
  readonly enum?: readonly string[]
  readonly description?: string
  readonly default?: unknown
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly anyOf?: readonly Schema[]
  readonly minimum?: number
  readonly maximum?: number
}

/** A pool's spec, key by key, from the schema that `parseSpec` checks it with. Pure. */
export function specTable(schema: JsonSchema): string {
  return markdownTable(['key', 'holds', 'default', 'meaning'], rowsOf(schema, ''))
}

function rowsOf({ properties = {}, required = [] }: Schema, prefix: string): readonly (readonly string[])[] {
  return Object.entries(properties).flatMap(([key, schema]) => {
    const name = `${prefix}${key}`
    const fallback = required.includes(key) ? 'required' : defaultOf(schema)
    const own = [code(name), kindOf(schema), fallback, schema.description ?? '']
    if (schema.type === 'array' && schema.items?.properties)
      return [own, ...rowsOf(schema.items, `${name}[].`)]
    return schema.properties ? rowsOf(schema, `${name}.`) : [own]
  })
}

function defaultOf({ default: value }: Schema): string {
  if (value === undefined) return ''
  if (Array.isArray(value)) return code(`[${value.join(', ')}]`)
  return code(typeof value === 'object' ? JSON.stringify(value) : String(value))
}

function kindOf(schema: Schema): string {
  const { type, items, anyOf, minimum, maximum } = schema
  if (schema.enum) return listed(schema.enum)
  if (anyOf) return [...new Set(anyOf.map(kindOf))].join(' or ')
  if (type === 'array') return items?.enum ? `list of ${listed(items.enum)}` : 'list'
  if (type === 'object') return 'map'
  if (type === 'boolean') return listed(['true', 'false'])
  if (type === 'string') return 'text'
  const isBounded = minimum !== undefined && maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER
  return isBounded ? `${minimum.toLocaleString('en')} to ${maximum.toLocaleString('en')}` : 'number'
}
