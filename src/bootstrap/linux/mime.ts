import { gzipSync } from 'node:zlib'

export interface Part {
  /** What cloud-init does with it, by its type. */
  readonly type: 'text/cloud-boothook' | 'text/x-shellscript'
  readonly name: string
  /** Printable ASCII, tabs and line feeds. */
  readonly text: string
}

/** A MIME multi-part message with the parts in this order, as cloud-init reads it. */
export function mimeMessage(parts: readonly Part[]): string {
  const boundary = boundaryFor(parts)
  const rendered = parts.map(({ type, name, text }) =>
    [
      `--${boundary}`,
      `Content-Type: ${type}; charset="us-ascii"`,
      'Content-Transfer-Encoding: 7bit',
      `Content-Disposition: attachment; filename="${name}"`,
      '',
      text,
    ].join('\n'),
  )
  const head = [`Content-Type: multipart/mixed; boundary="${boundary}"`, 'MIME-Version: 1.0', '']
  return [...head, ...rendered, `--${boundary}--`, ''].join('\n')
}

/** The first of a fixed series that no part holds, so that equal parts make equal messages. */
function boundaryFor(parts: readonly Part[]): string {
  for (let n = 0; ; n++) {
    const boundary = `==agentctl-${n}==`
    if (!parts.some(({ text }) => text.includes(boundary))) return boundary
  }
}

/** Of a gzip header (RFC 1952, section 2.3): the byte that names the system, and its value for "unknown". */
const systemAt = 9
const unknownSystem = 255

/** Gzip without a date or the name of a system in it. */
export function gzipped(text: string): Uint8Array {
  const bytes = new Uint8Array(gzipSync(text, { level: 9 }))
  bytes[systemAt] = unknownSystem
  return bytes
}
