import type { Problem } from '@agentctl/contract'
import type { AgentConfig, AgentSettingKey, AgentSettings } from './types.ts'

/** What the place where the agent runs allows. */
export interface AgentLimits {
  /** Longest grace that fits the notice a cloud gives before it takes a machine back. Unit: seconds. */
  readonly graceSecondsMax?: number
}

type Check<Value> = (value: Value, limits: AgentLimits) => readonly (string | Problem)[]
type Checks = { readonly [Key in AgentSettingKey]?: Check<NonNullable<AgentConfig[Key]>> }

const uploads = ['never', 'when-trimmed', 'always']
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/**
 * The agent's own rules (agent main.go validateConfiguration, ParseEnvVars, ParseFiles, ParseLabels; v2.4.0), which it
 * tells only by ending, and the hub's rule for names (self_hosted_hub, 2026-08), held before anything is launched.
 */
const checks: Checks = {
  endpoint: value => (isHost(value) ? [] : ['must be a host or host:port, without a scheme or a path']),
  token: value => (/^\S+$/.test(value) ? [] : ['must be the registration token, without spaces']),
  name: checkName,
  'job-id': value => (uuid.test(value) ? [] : ['must be the UUID of a job']),
  'disconnect-after-idle-timeout': notNegative,
  'kubernetes-pod-start-timeout': notNegative,
  'interruption-grace-period': checkGrace,
  'env-vars': checkEach(checkVariable),
  files: checkEach(checkFile),
  'kubernetes-labels': checkEach(checkLabel),
  'kubernetes-allowed-images': checkEach(checkPattern),
  'upload-job-logs': value => (uploads.includes(value) ? [] : [`must be one of ${uploads.join(', ')}`]),
}

/** Everything that is wrong with what a person set, at once; paths are the agent's keys, such as `env-vars[2]`. */
export function validateAgentSettings(settings: AgentSettings, limits: AgentLimits = {}): readonly Problem[] {
  return Object.entries(settings).flatMap(([key, value]) => {
    const check = checks[key as AgentSettingKey] as Check<typeof value> | undefined
    const found = check?.(value, limits) ?? []
    const text = typeof value === 'string' && !value.isWellFormed() ? ['is not valid Unicode'] : []
    return [...found, ...text].map(problem => located(key, problem))
  })
}

/** The same for a whole config.yml, with the rules that join settings. */
export function validateAgentConfig(config: AgentConfig, limits: AgentLimits = {}): readonly Problem[] {
  const required = (['endpoint', 'token'] as const).filter(key => config[key] === undefined)
  const isUnbound = config['job-id'] !== undefined && config['disconnect-after-job'] !== true
  return [
    ...required.map(key => ({ path: key, message: 'is missing' })),
    ...validateAgentSettings(config, limits),
    ...(isUnbound ? [{ path: 'job-id', message: 'can only be used with disconnect-after-job' }] : []),
  ]
}

function located(key: string, problem: string | Problem): Problem {
  if (typeof problem === 'string') return { path: key, message: problem }
  return { path: `${key}${problem.path}`, message: problem.message }
}

function checkEach(check: (item: string) => string | undefined): Check<readonly string[]> {
  return items =>
    items.flatMap((item, index) => {
      const message = item.isWellFormed() ? check(item) : 'is not valid Unicode'
      return message === undefined ? [] : [{ path: `[${index}]`, message }]
    })
}

/** `host` or `host:port`; the agent puts it into `scheme://endpoint/api/...` as it stands. */
export function isHost(text: string): boolean {
  const found = /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::(\d{1,5}))?$/i.exec(text)
  const port = found?.[1]
  return found !== null && (port === undefined || (Number(port) > 0 && Number(port) <= 65_535))
}

function checkName(name: string): readonly string[] {
  const charset = /^[A-Za-z0-9\-_/+]*$/.test(name) ? [] : ['may hold letters, digits and -_/+ only']
  const length =
    name.length >= 8 && name.length <= 80 ? [] : [`must have 8 to 80 characters, not ${name.length}`]
  return [...charset, ...length]
}

function notNegative(seconds: number): readonly string[] {
  return seconds < 0 ? ['must not be negative'] : []
}

function checkGrace(seconds: number, { graceSecondsMax: max }: AgentLimits): readonly string[] {
  if (max === undefined || seconds <= max) return notNegative(seconds)
  return [`must be at most ${max} seconds here: the cloud gives no longer notice`]
}

/** The agent splits at every `=` and ends unless there are two parts. Values are not repeated: they may be secrets. */
function checkVariable(item: string): string | undefined {
  const [name = '', ...values] = item.split('=')
  // Without a `=`, what looks like the name may be a piece of a secret.
  if (values.length === 0 || !/^[A-Za-z_]\w*$/.test(name)) return 'must be NAME=VALUE'
  if (values.length > 1)
    return `the value of ${name} holds a \`=\`, which the agent cannot read; put it into a file`
  return item.includes('\0') ? `the value of ${name} holds a NUL character` : undefined
}

/** Split at every `:` too. */
function checkFile(item: string): string | undefined {
  const parts = item.split(':')
  if (parts.length > 2) return 'holds a second `:`, which the agent cannot read; use paths without one'
  return parts.length === 2 && parts.every(part => part !== '') ? undefined : 'must be HOSTPATH:CONTAINERPATH'
}

function checkLabel(item: string): string | undefined {
  const parts = item.split('=')
  return parts.length === 2 && parts[0] !== '' ? undefined : 'must be KEY=VALUE, with one `=`'
}

/** A pattern that Go cannot read ends the agent with a panic. Go has neither look-around nor back-references. */
function checkPattern(item: string): string | undefined {
  if (/\(\?<?[=!]|\\[1-9]/.test(item))
    return 'uses look-around or a back-reference, which Go patterns do not have'
  const plain = item
    .replaceAll(/\(\?[imsU-]+\)/g, '')
    .replaceAll(/\(\?[imsU-]+:/g, '(?:')
    .replaceAll('(?P<', '(?<')
  try {
    new RegExp(plain)
    return undefined
  } catch {
    return 'is not a valid regular expression'
  }
}
