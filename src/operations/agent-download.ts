import { contractError } from '@agentctl/contract'
import type { Download, Downloads } from '../bootstrap/linux/index.ts'
import type { Pool } from '../config/types.ts'
import { requestText } from '../effects/http.ts'
import type { Context } from './context.ts'

const releases = 'https://github.com/semaphoreci/agent/releases/download'
const timeoutMs = 30_000

/** Names of the release's files. Source: agent .goreleaser.yml, v2.4.0, 2026-02. */
const files = { x86_64: 'agent_Linux_x86_64.tar.gz', arm64: 'agent_Linux_arm64.tar.gz' } as const
const checksums = 'agent_checksums.txt'

/**
 * Where a guest fetches its agent, each file with its digest: a URL with the digest beside it, or a version, or a URL
 * that ends in `/`, a mirror's folder of one release, whose checksum file is read here.
 * @throws `invalid-spec` when no digest is known, `unavailable` when the checksum file cannot be read
 */
export async function agentDownloads({ signal }: Context, pool: Pool): Promise<Downloads | undefined> {
  const { download, sha256 } = pool.agentSource
  if (download === undefined) return undefined
  const folder = folderOf(download)
  if (folder === undefined) {
    if (sha256 !== undefined) return { x86_64: { url: download, sha256 }, arm64: { url: download, sha256 } }
    throw contractError('invalid-spec', `The agent's download of pool ${pool.name} has no digest`, {
      hint: 'Add agent.sha256, or name a release by its version, such as v2.4.0, or by its folder, with a / at the end.',
    })
  }
  const what = `the agent's checksums at ${folder}`
  const digests = digestsIn(await requestText({ url: `${folder}${checksums}`, signal, timeoutMs, what }))
  const of = (file: string): Download | undefined => {
    const digest = digests.get(file)
    return digest === undefined ? undefined : { url: `${folder}${file}`, sha256: digest }
  }
  const found = { x86_64: of(files.x86_64), arm64: of(files.arm64) }
  if (!found.x86_64 && !found.arm64)
    throw contractError('invalid-spec', `${folder}${checksums} names no agent for Linux`)
  return { ...(found.x86_64 && { x86_64: found.x86_64 }), ...(found.arm64 && { arm64: found.arm64 }) }
}

function folderOf(download: string): string | undefined {
  if (/^v\d+\.\d+\.\d+$/.test(download)) return `${releases}/${download}/`
  return download.endsWith('/') ? download : undefined
}

/** `DIGEST  FILE` a line. */
function digestsIn(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split('\n').flatMap(line => {
      const [digest, file] = line.trim().split(/\s+/)
      return digest !== undefined && file !== undefined && /^[0-9a-f]{64}$/.test(digest)
        ? [[file, digest]]
        : []
    }),
  )
}
