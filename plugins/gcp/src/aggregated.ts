import { contractError } from '@agentctl/contract'
import { z } from 'zod'
import type { Compute } from './api.ts'
import type { ClientName } from './sdk.ts'

/**
 * Most items of a page. Source: https://cloud.google.com/compute/docs/reference/rest/v1/instances/aggregatedList, as in
 * the API's description, read 2026-11-26.
 */
const pageMax = 500

const page = z.object({
  items: z
    .record(z.string(), z.looseObject({ warning: z.object({ code: z.string() }).nullish() }))
    .default({}),
  nextPageToken: z.string().optional(),
  unreachables: z.array(z.string()).default([]),
  warning: z.object({ code: z.string() }).nullish(),
})

/** What every empty zone says. */
const harmless = 'NO_RESULTS_ON_PAGE'

export interface Wanted<T extends z.ZodType> {
  readonly client: ClientName
  /** The key of the items in each scope, such as `instances`. */
  readonly key: string
  readonly shape: T
  readonly filter: string
  /** Whether a scope, such as `zones/us-central1-a`, is one that is asked about. */
  readonly isAsked: (scope: string) => boolean
}

/**
 * Everything in the scopes that are asked about, page by page: one list for all zones.
 * @throws `unavailable` as soon as a part of it is missing. Rule S2
 */
export async function* aggregated<T extends z.ZodType>(
  { client, project, bounds }: Compute,
  { client: name, key, shape, filter, isAsked }: Wanted<T>,
): AsyncGenerator<z.output<T>> {
  const items = z.array(shape).default([])
  let pageToken: string | undefined
  do {
    const request = { project, filter, maxResults: pageMax, ...(pageToken && { pageToken }) }
    const answer = await client.ask(
      { client: name, method: 'aggregatedList', request, isRead: true, isPage: true },
      bounds,
    )
    const { items: scopes, unreachables, warning, nextPageToken } = page.parse(answer)
    const missing = unreachables.filter(url => isAsked(scopeIn(url) ?? url) || scopeIn(url) === undefined)
    if (missing.length > 0) throw incomplete(key, missing.join(', '))
    if (warning && warning.code !== harmless) throw incomplete(key, warning.code)
    for (const [scope, content] of Object.entries(scopes)) {
      if (!isAsked(scope)) continue
      const code = content.warning?.code
      if (code !== undefined && code !== harmless) throw incomplete(key, `${scope}: ${code}`)
      yield* items.parse(content[key])
    }
    pageToken = nextPageToken || undefined
  } while (pageToken)
}

/** The scope in a URL or path, or undefined when it names none. */
function scopeIn(url: string): string | undefined {
  return /\b(?:zones|regions)\/[a-z0-9-]+/.exec(url)?.[0]
}

function incomplete(what: string, fault: string) {
  return contractError('unavailable', `The list of ${what} is not complete`, { fault })
}
