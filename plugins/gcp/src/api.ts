import { z } from 'zod'
import type { Bounds, ComputeClient } from './client.ts'

/** The requests that the provider makes of instances and operations, each with the shape of its answer. */

export interface Compute {
  readonly client: ComputeClient
  readonly project: string
  readonly bounds: Bounds
}

const operation = z.object({
  name: z.string(),
  status: z.string().default('RUNNING'),
  targetLink: z.string().default(''),
  targetId: z.coerce.string().default(''),
  error: z
    .object({ errors: z.array(z.object({ code: z.string().default(''), message: z.string().default('') })) })
    .nullish(),
})
export type Operation = z.infer<typeof operation>

const labels = z.record(z.string(), z.string()).default({})

export const instanceShape = z.object({
  id: z.coerce.string().default(''),
  name: z.string(),
  zone: z.string(),
  status: z.string().default(''),
  statusMessage: z.string().default(''),
  machineType: z.string().default(''),
  creationTimestamp: z.string().default(''),
  labels,
  labelFingerprint: z.string().default(''),
  metadata: z
    .object({
      fingerprint: z.string().default(''),
      items: z.array(z.object({ key: z.string(), value: z.string().default('') })).default([]),
    })
    .nullish(),
  scheduling: z.object({ provisioningModel: z.string().default('STANDARD') }).nullish(),
  networkInterfaces: z
    .array(
      z.object({
        networkIP: z.string().optional(),
        accessConfigs: z.array(z.object({ natIP: z.string().optional() })).default([]),
      }),
    )
    .default([]),
})
export type CloudInstance = z.infer<typeof instanceShape>

export async function insertInstance(
  { client, project, bounds }: Compute,
  zone: string,
  body: object,
  requestId: string,
): Promise<Operation> {
  const request = { project, zone, requestId, instanceResource: body }
  return operation.parse(await client.ask({ client: 'instances', method: 'insert', request }, bounds))
}

export async function getInstance(
  { client, project, bounds }: Compute,
  zone: string,
  name: string,
): Promise<CloudInstance> {
  const request = { project, zone, instance: name }
  return instanceShape.parse(
    await client.ask({ client: 'instances', method: 'get', request, isRead: true }, bounds),
  )
}

export async function deleteInstance(
  { client, project, bounds }: Compute,
  zone: string,
  name: string,
): Promise<Operation> {
  const request = { project, zone, instance: name }
  return operation.parse(await client.ask({ client: 'instances', method: 'delete', request }, bounds))
}

export async function setMetadata(
  { client, project, bounds }: Compute,
  zone: string,
  name: string,
  metadata: { readonly fingerprint: string; readonly items: readonly object[] },
): Promise<Operation> {
  const request = { project, zone, instance: name, metadataResource: metadata }
  return operation.parse(await client.ask({ client: 'instances', method: 'setMetadata', request }, bounds))
}

export async function setLabels(
  { client, project, bounds }: Compute,
  zone: string,
  name: string,
  change: { readonly labelFingerprint: string; readonly labels: Readonly<Record<string, string>> },
): Promise<Operation> {
  const request = { project, zone, instance: name, instancesSetLabelsRequestResource: change }
  return operation.parse(await client.ask({ client: 'instances', method: 'setLabels', request }, bounds))
}

/** The last `bytes` of the first serial port. */
export async function serialOutput(
  { client, project, bounds }: Compute,
  zone: string,
  name: string,
  bytes: number,
): Promise<string> {
  // A negative start counts from the end.
  const request = { project, zone, instance: name, port: 1, start: -bytes }
  const answer = await client.ask(
    { client: 'instances', method: 'getSerialPortOutput', request, isRead: true },
    bounds,
  )
  return z.object({ contents: z.string().default('') }).parse(answer).contents
}

export async function waitForOperation(
  { client, project, bounds }: Compute,
  zone: string,
  name: string,
): Promise<Operation> {
  const request = { project, zone, operation: name }
  return operation.parse(
    await client.ask({ client: 'zoneOperations', method: 'wait', request, isRead: true }, bounds),
  )
}

export async function getOperation(
  { client, project, bounds }: Compute,
  place: { readonly zone: string } | { readonly region: string },
  name: string,
): Promise<Operation> {
  const request = { project, ...place, operation: name }
  const kind = 'zone' in place ? 'zoneOperations' : 'regionOperations'
  return operation.parse(await client.ask({ client: kind, method: 'get', request, isRead: true }, bounds))
}

/** Operations of one zone that fit `filter`, every page. */
export async function listOperations(
  { client, project, bounds }: Compute,
  zone: string,
  filter: string,
): Promise<readonly Operation[]> {
  const found: Operation[] = []
  let pageToken: string | undefined
  do {
    const request = { project, zone, filter, maxResults: 500, ...(pageToken && { pageToken }) }
    const answer = await client.ask(
      { client: 'zoneOperations', method: 'list', request, isRead: true, isPage: true },
      bounds,
    )
    const page = z
      .object({ items: z.array(operation).default([]), nextPageToken: z.string().optional() })
      .parse(answer)
    found.push(...page.items)
    pageToken = page.nextPageToken || undefined
  } while (pageToken)
  return found
}
