import type { PipelinePolicy } from '@azure/core-rest-pipeline'
import type { Pace } from './pace.ts'
import {
  type Compute,
  type Credential,
  importCompute,
  importNetwork,
  importPipeline,
  type Network,
} from './sdk.ts'
import type { Settings } from './settings.ts'

/** An answer of the resource manager, as it came. */
export interface Raw {
  readonly status: number
  readonly header: (name: string) => string | undefined
  /** Its JSON; undefined when there is none. */
  readonly body: unknown
}

/** The API of one subscription. */
export interface Arm {
  readonly subscription: string
  readonly endpoint: string
  readonly compute: Compute
  network(): Promise<Network>
  /** A GET of a URL that the resource manager has given, or of a path of it, with this principal's token. */
  get(url: string, signal: AbortSignal): Promise<Raw>
}

export interface Opening {
  readonly settings: Settings
  readonly subscription: string
  readonly credential: Credential
  readonly pace: Pace
}

/** Sends nothing. */
export async function openArm({ settings, subscription, credential, pace }: Opening): Promise<Arm> {
  const [{ ComputeManagementClient }, pipeline] = await Promise.all([importCompute(), importPipeline()])
  const { endpoint } = settings
  const watch = watching(pace)
  const options = {
    endpoint,
    credentials: { scopes: [`${settings.audience}/.default`] },
    // Whoever called does the retries, by what the error asks for.
    retryOptions: { maxRetries: 0 },
    additionalPolicies: [{ policy: watch, position: 'perRetry' as const }],
  }
  const compute = new ComputeManagementClient(credential, subscription, options)
  const http = pipeline.createDefaultHttpClient()
  let opening: Promise<Network> | undefined
  return {
    subscription,
    endpoint,
    compute,
    network() {
      opening ??= importNetwork().then(
        ({ NetworkManagementClient }) => new NetworkManagementClient(credential, subscription, options),
      )
      return opening
    },
    async get(url, signal) {
      const whole = new URL(url, endpoint)
      // A token is for the resource manager alone, whatever a header names.
      if (whole.origin !== new URL(endpoint).origin) throw new Error(`${whole.origin} is not ${endpoint}`)
      const request = pipeline.createPipelineRequest({ url: whole.href, method: 'GET', abortSignal: signal })
      const { status, headers, bodyAsText } = await compute.pipeline.sendRequest(http, request)
      return { status, header: name => headers.get(name), body: parsed(bodyAsText ?? '') }
    },
  }
}

function parsed(text: string): unknown {
  if (text.trim() === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function watching(pace: Pace): PipelinePolicy {
  return {
    name: 'agentctlPace',
    async sendRequest(request, next) {
      const response = await next(request)
      pace.note(name => response.headers.get(name))
      return response
    },
  }
}
