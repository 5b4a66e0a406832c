import { existsSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import type { LiveValidator } from 'oav'
import { asHeld, heldVersions, notHeld } from './overlay.ts'

const folder =
  process.env.AGENTCTL_SPECS ?? fileURLToPath(new URL('../../../../shared/specs', import.meta.url))
const directory = join(folder, 'azure/specification')

const compute = `compute/resource-manager/Microsoft.Compute/ComputeRP/stable/${heldVersions['Microsoft.Compute']}`
const network = `network/resource-manager/Microsoft.Network/stable/${heldVersions['Microsoft.Network']}`
const files = [
  `${compute}/virtualMachine.json`,
  `${compute}/computeRPCommon.json`,
  `${compute}/virtualMachineImage.json`,
  `${compute}/image.json`,
  `${network}/networkInterface.json`,
  `${network}/publicIpAddress.json`,
  `${network}/virtualNetwork.json`,
]

/** Why exchanges are not checked; undefined when they are. In CI it is a failure to be without. */
export const missingSpec: string | undefined = existsSync(directory)
  ? undefined
  : `Azure's API descriptions are not in ${folder}: exchanges are not checked against them`

export interface Exchange {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
  readonly answer: {
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
    readonly body: unknown
  }
}

/** What is wrong with an exchange, by Azure's own description of its API. */
export type Validate = (exchange: Exchange) => Promise<readonly string[]>

let loading: Promise<Validate> | undefined

/** Takes seconds, so it is done once per test file. */
export function loadValidator(): Promise<Validate> {
  loading ??= load()
  return loading
}

async function load(): Promise<Validate> {
  if (missingSpec !== undefined) {
    if (process.env.CI) throw new Error(missingSpec)
    process.stderr.write(`${missingSpec}\n`)
    return async () => []
  }
  const { LiveValidator: Live } = await import('oav')
  const live = new Live(
    {
      directory,
      swaggerPathsPattern: files,
      excludedSwaggerPathsPattern: [],
      git: { shouldClone: false, url: '' },
      useJsonParser: true,
    },
    () => undefined,
  )
  await live.initialize()
  return exchange => check(live, exchange)
}

async function check(live: LiveValidator, { method, url, headers, body, answer }: Exchange) {
  if (notHeld.some(pattern => pattern.test(url.pathname))) return []
  const held = new URL(url)
  const namespace = url.pathname.includes('/Microsoft.Network/') ? 'Microsoft.Network' : 'Microsoft.Compute'
  held.searchParams.set('api-version', heldVersions[namespace])
  const at = { url: held.href, method }
  const request = await live.validateLiveRequest({
    ...at,
    headers: { ...headers },
    ...(body !== undefined && { body: asHeld(body) as Record<string, unknown> }),
  })
  const response = await live.validateLiveResponse(
    {
      statusCode: String(answer.status),
      headers: { ...answer.headers },
      body: asHeld(answer.body) as Record<string, unknown>,
    },
    at,
  )
  return [...wordsOf('request', request), ...wordsOf('response', response)].map(
    wrong => `${method} ${url.pathname} ${answer.status}: ${wrong}`,
  )
}

interface Verdict {
  readonly isSuccessful?: boolean | undefined
  readonly errors: readonly {
    readonly code: string
    readonly message: string
    readonly pathsInPayload?: readonly string[]
  }[]
  readonly runtimeException?: { readonly code: string; readonly message: string } | undefined
}

function wordsOf(side: string, { isSuccessful, errors, runtimeException }: Verdict): readonly string[] {
  if (isSuccessful) return []
  const told = errors.map(
    ({ code, message, pathsInPayload = [] }) => `${side}: ${code} ${message} ${pathsInPayload.join()}`,
  )
  return runtimeException ? [...told, `${side}: ${runtimeException.message}`] : told
}
