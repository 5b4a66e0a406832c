import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { GuestOs } from '../provider.ts'
import type { Unit } from '../resources.ts'

const letters = 'abcdefghijklmnopqrstuvwxyz'
const base32 = `${letters}234567`

function sha256(text: string): Uint8Array {
  return createHash('sha256').update(text).digest()
}

/** 26 characters of `[a-z2-7]`, the first a letter, always the same for one text. */
export function sampleLaunchId(text: string): string {
  const [first = 0, ...rest] = sha256(text).subarray(0, 26)
  return `${letters[first % 26]}${rest.map(byte => base32[byte % 32]).join('')}`
}

/** Hex of SHA-256, as the engine's digest of a request is. */
export function sampleDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function sampleJobId(text: string): string {
  const hex = sampleDigest(text)
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  )
}

/** Units as the engine makes them; every third has no job, so that both forms are seen to round-trip. */
export function sampleUnits(launchId: string, count: number): readonly Unit[] {
  return Array.from({ length: count }, (_, index) => ({
    index,
    name: `conformance-${launchId.slice(0, 8)}-${index}`,
    attempt: 2,
    ...(index % 3 !== 2 && { jobId: sampleJobId(`${launchId}/${index}`) }),
  }))
}

// Bash reads a script as it goes, so what stands after `exit` is never parsed.
const script = (marker: string) => `#!/bin/bash
trap 'echo soft-stop; kill $nap 2>/dev/null; exit 0' TERM
echo "${marker}"
echo "unit-index=$AGENTCTL_UNIT_INDEX"
echo "run-mode=$(ls -ld "$AGENTCTL_RUN" | cut -c1-10)"
[ "$PWD" -ef "$HOME" ] && echo "scratch=home"
sleep 3600 & nap=$!
wait
exit 0
`

/** A script that prints the marker and stays up for an hour, with bytes in it that are not UTF-8. */
export function sampleUserData(guest: GuestOs, marker: string): Uint8Array {
  const odd = Uint8Array.from({ length: 256 }, (_, byte) => byte)
  const plain = Buffer.concat([Buffer.from(script(marker)), odd])
  return guest === 'linux' ? gzipSync(plain) : plain
}
