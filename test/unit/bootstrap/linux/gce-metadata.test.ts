import { execFile } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { closeGuard } from '../../../../src/bootstrap/linux/guard.ts'
import { httpLibrary } from '../../../../src/bootstrap/linux/http.ts'
import { loopback } from '../../../support/loopback.ts'

it('on GCE only the web ports of the metadata server are closed: it is DNS and NTP too', () => {
  const closed = closeGuard('guarded', 'gce')
    .split('\n')
    .filter(line => line.includes('169.254.169.254') && line.includes('drop'))
  expect(closed).toHaveLength(2)
  for (const line of closed) expect(line).toContain('tcp dport { 80, 443, 8080 }')
})

it('on GCE they are opened once the user data is gone from the metadata, and not before', async () => {
  const keys = ['ssh-keys\nuser-data\nuser-data-encoding\n', undefined, 'ssh-keys\n']
  await using metadata = await loopback((_, response, count) => {
    const answer = keys[count - 1]
    response.writeHead(answer === undefined ? 503 : 200).end(answer)
  })
  const folder = mkdtempSync(join(tmpdir(), 'agentctl-gce-'))
  try {
    const [, script = ''] =
      /cat >"\$own\/open-metadata" <<'AGENTCTL_EOF'\n([\s\S]*?)\nAGENTCTL_EOF/.exec(
        closeGuard('guarded', 'gce'),
      ) ?? []
    writeFileSync(join(folder, 'lib.sh'), 'say() { echo "$1"; }\n')
    writeFileSync(join(folder, 'http.sh'), httpLibrary)
    writeFileSync(join(folder, 'nft'), `#!/bin/sh\necho "$@" >>${folder}/nft.log\n`)
    chmodSync(join(folder, 'nft'), 0o755)
    const text = script
      .replaceAll('/run/agentctl', folder)
      .replaceAll('http://169.254.169.254', `http://${metadata.endpoint}`)
      .replace('sleep 2', `[ ! -e ${folder}/nft.log ] || exit 1; sleep 0.05`)
    const path = { PATH: `${folder}:${process.env.PATH}` }
    const { stdout } = await promisify(execFile)('bash', ['-c', text], { env: path })
    expect(readFileSync(join(folder, 'nft.log'), 'utf8')).toBe('delete table inet agentctl\n')
    expect(metadata.requests).toHaveLength(3)
    expect(stdout).toContain('open to jobs')
  } finally {
    rmSync(folder, { recursive: true })
  }
})
