import { fatal, good, type Outcome } from './outcome.ts'
import { settings, uploadConditions, type Values } from './settings.ts'

/** The settings in the shape the agent works with. */
export interface StartPlan {
  readonly values: Values
  /** Empty: make one up. */
  readonly name: string
  readonly envVars: readonly (readonly [name: string, value: string])[]
}

type Env = Readonly<Record<string, string | undefined>>
type Check = (values: Values, env: Env) => string | undefined

/**
 * The checks in the order in which the real agent makes them; the first that fails ends the start with exit code 1.
 * Source: semaphoreci/agent main.go RunListener, validateConfiguration, getAgentName, v2.4.0, 2026-02.
 */
const checks: readonly Check[] = [
  values =>
    values['job-id'] !== '' && !values['disconnect-after-job']
      ? 'job-id can only be used if disconnect-after-job is also used. Exiting...'
      : undefined,
  values =>
    (uploadConditions as readonly string[]).includes(values['upload-job-logs'])
      ? undefined
      : `Unsupported value '${values['upload-job-logs']}' for 'upload-job-logs'. Allowed values are: [${uploadConditions.join(' ')}]. Exiting...`,
  values => (values.endpoint === '' ? 'Semaphore endpoint was not specified. Exiting...' : undefined),
  values => (values.token === '' ? 'Agent registration token was not specified. Exiting...' : undefined),
  values =>
    values['disconnect-after-idle-timeout'] < 0 ? "Idle timeout can't be negative. Exiting..." : undefined,
  values =>
    values['kubernetes-pod-start-timeout'] < 0
      ? "Kubernetes pod start timeout can't be negative. Exiting..."
      : undefined,
  values => pairs('env-vars', values['env-vars'], '=', 'environment variable'),
  values => pairs('files', values.files, ':', 'file injection'),
  values => pairs('kubernetes-labels', values['kubernetes-labels'], '=', 'label'),
  (values, env) => {
    const problem = nameProblem(values, env)
    return problem === undefined ? undefined : `Agent name validation failed: ${problem}`
  },
  values => expressionProblem(values['kubernetes-allowed-images']),
]

const keys: ReadonlySet<string> = new Set(settings.map(({ key }) => key))

export function validate(values: Values, fileKeys: Iterable<string>, env: Env): Outcome<StartPlan> {
  for (const key of fileKeys) if (!keys.has(key)) return fatal(`Unrecognized option '${key}'. Exiting...`)
  for (const check of checks) {
    const message = check(values, env)
    if (message !== undefined) return fatal(message)
  }
  return good({
    values,
    name: chosenName(values, env) ?? '',
    envVars: values['env-vars'].map(item => {
      const [name = '', value = ''] = item.split('=')
      return [name, value]
    }),
  })
}

/** Exactly two parts, so a value can hold no second separator. */
function pairs(key: string, items: readonly string[], separator: string, what: string): string | undefined {
  const bad = items.find(item => item.split(separator).length !== 2)
  return bad === undefined ? undefined : `Error parsing --${key}: ${bad} is not a valid ${what}`
}

function chosenName(values: Values, env: Env): string | undefined {
  if (values.name !== '') return values.name
  return values['name-from-env'] === '' ? undefined : (env[values['name-from-env']] ?? '')
}

function nameProblem(values: Values, env: Env): string | undefined {
  const name = chosenName(values, env)
  if (name === undefined || isRequestUri(name)) return undefined
  const length = Buffer.byteLength(name)
  return length < 8 || length > 80
    ? `name should have between 8 and 80 characters. '${name}' has ${length}`
    : undefined
}

/** Meant for AWS STS URLs, and true of any absolute path as well: those are left to the hub. */
function isRequestUri(name: string): boolean {
  return name.startsWith('/') || (/^[a-zA-Z][a-zA-Z0-9+.-]*:/.test(name) && URL.canParse(name))
}

function expressionProblem(expressions: readonly string[]): string | undefined {
  for (const expression of expressions) {
    try {
      new RegExp(expression)
    } catch {
      return `Error creating image validator: invalid regular expression '${expression}'`
    }
  }
  return undefined
}
