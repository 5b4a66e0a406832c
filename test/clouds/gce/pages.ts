import { type Answer, invalid, ok } from './answers.ts'
import type { Cloud } from './cloud.ts'
import { filterOf } from './filter.ts'
import { project, zones, zonesOf } from './inventory.ts'

interface Placed<T> {
  readonly place: string
  readonly item: T
}

/** A page of `items`; small, so that whoever reads only the first one is seen. */
export function page<T extends object>(cloud: Cloud, query: URLSearchParams, items: readonly T[]): Answer {
  const { found, next } = cut(cloud, query, items, item => item)
  return ok({ ...(found.length > 0 && { items: found }), ...(next && { nextPageToken: next }) })
}

/**
 * A page over all zones and regions; empty ones are there with a warning. A zone that cannot be reached does not fail
 * the call: what is in it is missing, and the answer says so.
 */
export function aggregated<T extends object>(
  cloud: Cloud,
  query: URLSearchParams,
  name: string,
  items: readonly Placed<T>[],
): Answer {
  const { unreachableZones } = cloud.knobs
  const reachable = items.filter(({ place }) => !unreachableZones.has(place))
  const { found, next } = cut(cloud, query, reachable, ({ item }) => item)
  const scopes = [
    ...zones.map(zone => `zones/${zone}`),
    ...Object.keys(zonesOf).map(region => `regions/${region}`),
  ]
  const scoped = scopes.map(scope => {
    const place = scope.split('/').at(-1) ?? ''
    const here = found.filter(one => one.place === place).map(({ item }) => item)
    if (here.length > 0) return [scope, { [name]: here }]
    const code = unreachableZones.has(place) ? 'UNREACHABLE' : 'NO_RESULTS_ON_PAGE'
    return [scope, { warning: { code, message: `There are no results for scope '${scope}' on this page.` } }]
  })
  return ok({
    id: `projects/${project}/aggregated/${name}`,
    items: Object.fromEntries(scoped),
    ...(unreachableZones.size > 0 && { unreachables: [...unreachableZones].map(zone => `zones/${zone}`) }),
    ...(next && { nextPageToken: next }),
  })
}

function cut<T>(
  cloud: Cloud,
  query: URLSearchParams,
  items: readonly T[],
  fieldsOf: (item: T) => object,
): { readonly found: readonly T[]; readonly next: string | undefined } {
  const size = Math.min(Number(query.get('maxResults') ?? 500), 500, cloud.knobs.pageMax)
  const token = query.get('pageToken') ?? 'from-0'
  const [, from] = /^from-(\d+)$/.exec(token) ?? []
  if (from === undefined) throw invalid(`Invalid value for field 'pageToken': '${token}'.`)
  const matches = filterOf(query.get('filter'))
  const all = items.filter(item => matches(fieldsOf(item) as Record<string, unknown>))
  const end = Number(from) + size
  return { found: all.slice(Number(from), end), next: end < all.length ? `from-${end}` : undefined }
}
