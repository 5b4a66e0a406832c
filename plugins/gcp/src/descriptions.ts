/** A namespace, message or service as protobuf.js writes it down. */
interface Description {
  readonly nested?: Readonly<Record<string, Description>>
  readonly fields?: Readonly<Record<string, { readonly type: string; readonly keyType?: string }>>
  readonly methods?: Readonly<Record<string, { readonly requestType: string; readonly responseType: string }>>
}

const path = ['google', 'cloud', 'compute'] as const

/**
 * The descriptions of Compute Engine with these methods alone, by service, and what they speak of: the package
 * describes 3,000 messages, and reading all of them takes longer than anything else before the first call. Pure.
 */
export function withMethods(
  whole: Description,
  methods: Readonly<Record<string, readonly string[]>>,
): Description {
  const v1 = [...path, 'v1'].reduce<Description>((at, name) => at.nested?.[name] ?? {}, whole)
  const all = v1.nested ?? {}
  const services = Object.entries(methods).map(([name, wanted]) => only(name, all[name], wanted))
  const kept = new Map<string, Description>(services)
  const waiting = services.flatMap(([, service]) => typesIn(service).map(topNameOf))
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const found = all[name]
    if (!found || kept.has(name)) continue
    kept.set(name, found)
    waiting.push(...typesIn(found).map(topNameOf))
  }
  // The other versions of the API go too.
  return replaced(whole, path, { v1: { ...v1, nested: Object.fromEntries(kept) } })
}

function only(
  name: string,
  service: Description | undefined,
  wanted: readonly string[],
): readonly [string, Description] {
  const methods = Object.entries(service?.methods ?? {}).filter(([method]) => wanted.includes(method))
  return [name, { ...service, methods: Object.fromEntries(methods) }]
}

function typesIn({ fields = {}, methods = {}, nested = {} }: Description): readonly string[] {
  return [
    ...Object.values(fields).map(({ type }) => type),
    ...Object.values(methods).flatMap(({ requestType, responseType }) => [requestType, responseType]),
    ...Object.values(nested).flatMap(typesIn),
  ]
}

/** `Instance` of `.google.cloud.compute.v1.Instance.Status`, or of `Instance.Status`. */
function topNameOf(type: string): string {
  return type.replace(/^\.?google\.cloud\.compute\.v1\./, '').split('.')[0] ?? ''
}

function replaced(
  at: Description,
  [name, ...rest]: readonly string[],
  nested: Readonly<Record<string, Description>>,
): Description {
  if (name === undefined) return { ...at, nested }
  return { ...at, nested: { ...at.nested, [name]: replaced(at.nested?.[name] ?? {}, rest, nested) } }
}
