import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { Ajv, type ValidateFunction } from 'ajv'

/** Of the discovery document, what is needed to check an exchange. */
interface Schema {
  readonly $ref?: string
  readonly type?: string
  readonly format?: string
  readonly enum?: readonly string[]
  readonly pattern?: string
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema
}
interface Parameter extends Schema {
  readonly location?: string
  readonly repeated?: boolean
}
interface Method {
  readonly id: string
  readonly path: string
  readonly flatPath?: string
  readonly httpMethod: string
  readonly request?: { readonly $ref: string }
  readonly response?: { readonly $ref: string }
  readonly parameters?: Readonly<Record<string, Parameter>>
}
interface Resources {
  readonly methods?: Readonly<Record<string, Method>>
  readonly resources?: Readonly<Record<string, Resources>>
}
interface Document extends Resources {
  readonly servicePath: string
  readonly schemas: Readonly<Record<string, Schema>>
  readonly parameters: Readonly<Record<string, Parameter>>
}

export interface Exchange {
  readonly method: string
  readonly url: URL
  readonly request: unknown
  readonly status: number
  readonly response: unknown
}

/** Finds what is wrong with the shape of an exchange; nothing where it is as Google describes it. */
export type CheckExchange = (exchange: Exchange) => readonly string[]

const folder =
  process.env.AGENTCTL_SPECS ?? fileURLToPath(new URL('../../../../shared/specs', import.meta.url))
const file = join(folder, 'gce', 'compute.v1.json')

/** Why exchanges are not checked, where they are not. */
export const missingSpec = existsSync(file) ? undefined : `no description of Compute Engine at ${file}`
if (missingSpec !== undefined && process.env.CI) throw new Error(missingSpec)

/** Every path, query parameter, field and enum value against the discovery document, with closed objects. */
export const checkExchange: CheckExchange = missingSpec === undefined ? checker(file) : () => []

function checker(path: string): CheckExchange {
  const document: Document = JSON.parse(readFileSync(path, 'utf8'))
  const ajv = new Ajv({ strict: false, allErrors: true })
  const definitions = Object.entries(document.schemas).map(([name, schema]) => [name, converted(schema)])
  ajv.addSchema({ $id: 'gce', $defs: Object.fromEntries(definitions) })
  const routes = methodsOf(document).map(method => ({ method, pattern: patternOf(document, method) }))
  const validator = (name: string): ValidateFunction => {
    const found = ajv.getSchema(`gce#/$defs/${name}`)
    if (!found) throw new Error(`the description has no schema ${name}`)
    return found
  }
  const wrongWith = (what: string, ref: string | undefined, value: unknown): readonly string[] => {
    if (value === undefined) return []
    if (ref === undefined) return [`${what}: a body where there is none`]
    const validate = validator(ref)
    if (validate(value)) return []
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) =>
        `${what} ${ref}${instancePath} ${message} ${JSON.stringify(params)}`,
    )
  }
  return ({ method: verb, url, request, status, response }) => {
    const route = routes.find(one => one.method.httpMethod === verb && one.pattern.test(url.pathname))
    if (!route) return [`${verb} ${url.pathname}: there is no such method`]
    const { id, request: asked, response: answered, parameters } = route.method
    const at = (lines: readonly string[]) => lines.map(line => `${id}: ${line}`)
    return at([
      ...wrongQuery(url, { ...document.parameters, ...parameters }),
      ...wrongWith('request', asked?.$ref, request),
      ...(status < 300 ? wrongWith('response', answered?.$ref, response) : []),
    ])
  }
}

function wrongQuery(url: URL, known: Readonly<Record<string, Parameter>>): readonly string[] {
  return [...url.searchParams].flatMap(([name, value]) => {
    const parameter = known[name]
    if (!parameter || (parameter.location ?? 'query') !== 'query') return [`unknown parameter ${name}`]
    if (parameter.enum && !parameter.enum.includes(value)) return [`parameter ${name} may not be ${value}`]
    return []
  })
}

function methodsOf({ methods = {}, resources = {} }: Resources): readonly Method[] {
  return [...Object.values(methods), ...Object.values(resources).flatMap(methodsOf)]
}

function patternOf({ servicePath }: Document, { flatPath, path }: Method): RegExp {
  const source = `/${servicePath}${flatPath ?? path}`
  return new RegExp(`^${source.replaceAll(/\{\+?\w+\}/g, '[^/]+')}$`)
}

/** JSON Schema of a discovery schema; 64-bit integers travel as strings. */
function converted(schema: Schema): Record<string, unknown> {
  if (schema.$ref) return { $ref: `#/$defs/${schema.$ref}` }
  if (schema.type === 'any') return {}
  if (/^u?int64$/.test(schema.format ?? '')) return { type: ['string', 'integer'], pattern: '^-?\\d+$' }
  const { type, enum: values, pattern, items, properties, additionalProperties } = schema
  const open = additionalProperties && { additionalProperties: converted(additionalProperties) }
  return {
    ...(type && { type }),
    ...(values && { enum: values }),
    ...(pattern && { pattern }),
    ...(items && { items: converted(items) }),
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, converted(one)])),
      additionalProperties: false,
    }),
    ...open,
  }
}
