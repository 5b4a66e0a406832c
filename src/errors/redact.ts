import { Buffer } from 'node:buffer'

export const hidden = '[hidden]'

/** Shorter values would hide ordinary words. Unit: characters. */
const knownLengthMin = 6

/**
 * Each keeps its first group, which says what was hidden.
 * Registration tokens are 80 hex characters (the hub's agent type model, 2026-08).
 */
const patterns: readonly RegExp[] = [
  /()\b[0-9a-f]{80}\b/gi,
  /(\bauthorization\b["']?\s*[:=]\s*["']?)[^"'\r\n]+/gi,
  /(\b(?:Bearer|Token|Basic)\s+)(?=\S*\d)[\w.~+/=-]{16,}/g,
  /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@"']+(?=@)/gi,
  /([?&](?:x-amz-(?:signature|credential|security-token)|x-goog-signature|sig|token)=)[^&\s"']+/gi,
  /(\b\w*(?:SECRET|PASSWORD|PASSWD|TOKEN|ACCESS_KEY|PRIVATE_KEY|CREDENTIALS)=)[^\s"']+/g,
]

/** As it stands, and as it looks in a URL and in base64, which is how user data carries it. */
function disguises(value: string): readonly string[] {
  return [value, encodeURIComponent(value.toWellFormed()), Buffer.from(value).toString('base64')]
}

/**
 * `text` with secrets hidden: the given values (at least 6 characters long), and whatever looks like a registration
 * token, an `Authorization` value, the credentials of a URL, a signature of a URL, or `SOME_SECRET=value`.
 */
export function redact(text: string, values: readonly string[] = []): string {
  const known = values.filter(value => value.length >= knownLengthMin).flatMap(disguises)
  // Longest first: a secret may be the beginning of another.
  const sorted = known.toSorted((one, other) => other.length - one.length)
  const withoutKnown = sorted.reduce((rest, value) => rest.replaceAll(value, hidden), text)
  return patterns.reduce((rest, pattern) => rest.replace(pattern, `$1${hidden}`), withoutKnown)
}
