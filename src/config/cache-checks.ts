import { type At, type Mapping, mappingOf } from './path.ts'
import { variablesOf } from './secret-checks.ts'
import type { Issue } from './wording.ts'

/** Of the cache tool, and of what it takes its credentials from. */
const secretVariables = [
  'SEMAPHORE_CACHE_S3_SECRET',
  'SEMAPHORE_CACHE_CDN_SECRET',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
]
const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----|"private_key"\s*:|^\s*aws_secret_access_key\s*=/m

/** Keys of a cache, as of anything else, are references: what is written in the file ends up in version control. */
export function checkCacheSecrets(at: At, pool: Mapping): readonly Issue[] {
  const named = [...variablesOf(pool).keys()].filter(name => secretVariables.includes(name))
  const items = mappingOf(pool.bootstrap).files
  const files = Array.isArray(items) ? items.map(mappingOf) : []
  return [
    ...named.map(name => ({
      path: at('agent', 'env-vars'),
      message: `${name} is a secret: give it by secret-env-vars, as a reference such as env:NAME`,
    })),
    ...files.flatMap(({ content }, index) =>
      typeof content === 'string' && privateKey.test(content)
        ? [
            {
              path: at('bootstrap', 'files', index, 'content'),
              message: 'holds a private key: give it by from, as a reference such as file:PATH',
            },
          ]
        : [],
    ),
  ]
}
