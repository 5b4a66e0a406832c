/** Time, handed in so that every deadline can be tested in virtual time. Rule C3. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** The only source of chance. Rule C3. */
export interface Random {
  /** A number in [0, 1). */
  next(): number
}

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>

/** Messages are fixed sentences, what varies goes into the fields, no secret goes into either. */
export interface Log {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
}
