import { contractError } from '@agentctl/contract'
import parse from 'npm-package-arg'
import { knownPlugin } from './known.ts'

/** What a person asks for. */
export type Wanted =
  /** `range`: a version, a range of versions, or a tag. */
  | { readonly from: 'registry'; readonly name: string; readonly range: string }
  /** `spec`: the file, the repository or the address, as npm takes it. */
  | { readonly from: 'repository' | 'tarball'; readonly spec: string }

const ownScope = '@agentctl/'
/** What somebody who has the address could use; a user alone is usual with ssh. */
const credentials = /:\/\/[^/@\s]*:[^/@\s]*@|^(git\+)?https?:\/\/[^/@\s]+@/

/**
 * Reads `@agentctl/provider-aws`, `NAME@VERSION`, `NAME@TAG`, a tarball, a git repository or an address. The name of a
 * provider or coordinator of ours stands for its plugin, so that `aws` never means somebody else's package. @throws `invalid-spec`
 */
export function wantedOf(text: string, cwd: string): Wanted {
  if (credentials.test(text)) {
    throw contractError('invalid-spec', 'The address holds credentials, which would be seen and kept', {
      hint: 'Give them to git (a credential store) or to npm (~/.npmrc), and leave them out.',
    })
  }
  const [, head = '', tail = ''] = /^([a-z0-9-]+)(@.*)?$/.exec(text) ?? []
  const found = parsed(`${knownPlugin(head) ?? head}${head === '' ? text : tail}`, cwd)
  switch (found.type) {
    case 'tag':
    case 'version':
    case 'range':
      return {
        from: 'registry',
        name: found.name ?? '',
        range: found.rawSpec === '*' ? 'latest' : found.rawSpec,
      }
    case 'file':
      return { from: 'tarball', spec: found.fetchSpec ?? text }
    case 'git':
      return { from: 'repository', spec: text }
    case 'remote':
      return { from: 'tarball', spec: text }
    default:
      throw contractError('invalid-spec', `${text} is no package, tarball or repository`, {
        hint: `A folder is linked, not installed: agentctl plugins link ${text}`,
      })
  }
}

/** A name in a package from elsewhere is a claim that anybody can make, so only the registry's count as ours. */
export function isOurs(wanted: Wanted): boolean {
  return wanted.from === 'registry' && wanted.name.startsWith(ownScope)
}

/** What npm is asked for. */
export function specOf(wanted: Wanted): string {
  return wanted.from === 'registry' ? `${wanted.name}@${wanted.range}` : wanted.spec
}

function parsed(text: string, cwd: string): parse.Result {
  try {
    return parse(text, cwd)
  } catch (cause) {
    throw contractError('invalid-spec', `${text} names no package`, {
      cause,
      hint: 'Write for example: agentctl plugins install @agentctl/provider-aws',
    })
  }
}
