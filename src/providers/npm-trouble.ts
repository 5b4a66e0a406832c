import { type ContractError, contractError, type ErrorCode } from '@agentctl/contract'
import { z } from 'zod'
import type { NpmEnded } from '../effects/npm.ts'

/** npm's own codes, those of Node.js, and HTTP statuses after an E. Source: npm 11, `--json` of failed commands, 2026-11. */
const reactions: Readonly<Record<string, ErrorCode>> = {
  E404: 'invalid-spec',
  ETARGET: 'invalid-spec',
  ENOVERSIONS: 'invalid-spec',
  EINVALIDTAGNAME: 'invalid-spec',
  ENOENT: 'invalid-spec',
  E401: 'unauthenticated',
  ENEEDAUTH: 'unauthenticated',
  E403: 'permission-denied',
  EACCES: 'permission-denied',
  EPERM: 'permission-denied',
  EROFS: 'permission-denied',
  E429: 'rate-limited',
  EBADENGINE: 'unsupported',
  EBADPLATFORM: 'unsupported',
}

const networkCodes =
  /^(ECONN\w+|ENOTFOUND|EAI_AGAIN|E\w*TIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPIPE|ERR_SOCKET_TIMEOUT|FETCH_ERROR|\w*CERT\w*|EPROTO|E5\d\d)$/

const failed = z.object({ error: z.object({ code: z.coerce.string(), summary: z.string() }) })

/** What a failed run of npm comes to; `what` is the package that it was about. Nothing of ours is changed by then. */
export function npmTrouble(what: string, ended: NpmEnded): ContractError {
  const { code, summary } = saidBy(ended)
  if (networkCodes.test(code)) {
    return contractError('unavailable', `The npm registry does not answer: ${summary}`, {
      hint: 'Nothing was changed. Try again later, or name another registry: AGENTCTL_NPM_REGISTRY=URL',
    })
  }
  const reaction = reactions[code] ?? 'unavailable'
  if (code === 'E404' || code === 'ETARGET')
    return contractError(reaction, `The npm registry has no ${what}: ${summary}`, {
      hint: 'Nothing was changed. A private package is shown only to its readers: their token belongs in ~/.npmrc',
    })
  const isRefused = code === 'E401' || code === 'E403' || code === 'ENEEDAUTH'
  return contractError(reaction, `npm cannot install ${what}: ${summary}`, {
    hint: `Nothing was changed.${isRefused ? ' A token for the registry belongs in ~/.npmrc' : ''}`,
  })
}

function saidBy({ stdout, stderr }: NpmEnded): { code: string; summary: string } {
  const said = failed.safeParse(jsonIn(stdout))
  if (said.success) {
    const { code, summary } = said.data.error
    return { code, summary: summary.split('\n')[0] || code }
  }
  return { code: '', summary: stderr.trim().split('\n').at(-1) || 'it ended without a word' }
}

/** Undefined when it is none: npm was ended, or could not start. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
