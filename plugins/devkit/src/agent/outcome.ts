/** A start that cannot be: what to say and the exit code. Usage errors (2) go to stderr with the usage text. */
export interface Refusal {
  readonly exitCode: 0 | 1 | 2
  readonly message: string
}

export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: Refusal }

export function good<T>(value: T): Outcome<T> {
  return { ok: true, value }
}

/** Logged, then exit 1. */
export function fatal(message: string): { readonly ok: false; readonly refusal: Refusal } {
  return { ok: false, refusal: { exitCode: 1, message } }
}

export function usage(message: string): { readonly ok: false; readonly refusal: Refusal } {
  return { ok: false, refusal: { exitCode: 2, message } }
}
