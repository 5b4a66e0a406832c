import { expect, it } from 'vitest'
import { mergeConfig } from '../../../src/config/merge.ts'

const before = `# who we are
owner: acme-ci # never change this
pools:
  linux:
    provider: aws
    spec: { region: us-east-1, types: [c7i.large] } # fast ones
    agent:
      env-vars:
        # ours
        - LANG=C
        - SEMAPHORE_CACHE_BACKEND=sftp
`

it('lays settings over a file, and keeps its comments and all else', () => {
  const piece = {
    pools: {
      linux: {
        spec: { 'instance-profile': 'acme' },
        agent: { 'env-vars': ['SEMAPHORE_CACHE_BACKEND=s3', 'SEMAPHORE_CACHE_S3_BUCKET=acme-cache'] },
        bootstrap: { files: [{ path: '/a', content: 'x' }] },
      },
    },
  }
  const once = mergeConfig(before, piece)
  expect(once).toBe(`# who we are
owner: acme-ci # never change this
pools:
  linux:
    provider: aws
    spec: { region: us-east-1, types: [ c7i.large ], instance-profile: acme } # fast ones
    agent:
      env-vars:
        # ours
        - LANG=C
        - SEMAPHORE_CACHE_BACKEND=s3
        - SEMAPHORE_CACHE_S3_BUCKET=acme-cache
    bootstrap:
      files:
        - path: /a
          content: x
`)
  expect(mergeConfig(once, piece)).toBe(once)
})
