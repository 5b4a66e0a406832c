import { isTypeName } from './job-spec.ts'

const agentName = /^[a-zA-Z0-9-_/+]+$/
const lengthMax = 80

/**
 * Why a name is refused, or nothing. Wording and order as the real hub's.
 * Source: semaphoreio/semaphore self_hosted_hub/pkg/models/agent.go, pkg/publicapi/server.go, 2026-08.
 */
export function agentNameProblem(name: string, assignmentOrigin: string): string | undefined {
  if (assignmentOrigin === 'assignment_origin_aws_sts')
    return 'only pre-signed AWS STS URLs for name assignment are allowed'
  if (isRequestUri(name)) return 'not allowed to use URLs for registration'
  if (name.length > lengthMax)
    return `the agent name '${name}' is invalid: must be below ${lengthMax} characters`
  if (!agentName.test(name))
    return `the agent name '${name}' is invalid: must follow the pattern ^[a-zA-Z0-9-_/+]+$`
  return undefined
}

/** What Go's url.ParseRequestURI accepts: an absolute path, or something with a scheme. */
export function isRequestUri(text: string): boolean {
  return text.startsWith('/') || (/^[a-zA-Z][a-zA-Z0-9+.-]*:/.test(text) && URL.canParse(text))
}

export function agentTypeNameProblem(name: string): string | undefined {
  return isTypeName(name)
    ? undefined
    : `The agent type name '${name}' is invalid: must follow the pattern ^s1-[a-zA-Z0-9-_]+$`
}

/** Where names come from, and what belongs to that. Source: as below. */
export function originProblem(
  origin: string,
  aws: { readonly account_id: string; readonly role_name_patterns: string } | undefined,
): string | undefined {
  const { account_id: account = '', role_name_patterns: patterns = '' } = aws ?? {}
  if (origin === 'assignment_origin_agent') {
    if (account !== '') return 'AWS account ID is not allowed for ASSIGNMENT_ORIGIN_AGENT'
    return patterns === '' ? undefined : 'AWS role name patterns are not allowed for ASSIGNMENT_ORIGIN_AGENT'
  }
  if (origin !== 'assignment_origin_aws_sts') return `invalid assignment_origin '${origin}'`
  if (aws === undefined) return 'AWS information missing'
  if (account === '') return 'AWS account cannot be empty'
  return patterns === '' ? 'AWS role name patterns cannot be empty' : undefined
}

/** Source: semaphoreio/semaphore self_hosted_hub/pkg/models/agent_type.go, 2026-08. */
export function releaseAfterProblem(seconds: number): string | undefined {
  if (seconds < 0) return 'name release hold must be 0 or greater than 60'
  if (seconds > 0 && seconds < 60) return 'name release hold must be greater than 60'
  return undefined
}
