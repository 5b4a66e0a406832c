/** What a server says of itself to whoever asks. */
export interface ServerLook {
  /** Its clock, in whole seconds; undefined when it does not tell. Unit: milliseconds since the epoch. */
  readonly date: number | undefined
  readonly status: number
}

/** Any answer counts, a refusal too. Rejects when there is none. */
export async function lookAtServer(url: string, signal: AbortSignal, timeoutMs: number): Promise<ServerLook> {
  const response = await fetch(url, {
    redirect: 'manual',
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
  })
  await response.body?.cancel()
  const date = Date.parse(response.headers.get('date') ?? '')
  return { date: Number.isNaN(date) ? undefined : date, status: response.status }
}
