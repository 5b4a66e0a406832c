import { contractError, tagNames } from '@agentctl/contract'
import { z } from 'zod'
import { type CloudInstance, type Compute, getInstance } from './api.ts'
import type { Context } from './context.ts'
import { isNotFound } from './errors.ts'
import type { Place } from './ids.ts'

/** The machine that is there, or undefined. @throws `not-owned`. Rule T3 */
export async function findInstance(
  context: Context,
  compute: Compute,
  { at, name }: Place,
): Promise<CloudInstance | undefined> {
  const found = await orUndefined(() => getInstance(compute, at, name))
  if (found) assertOwned(context, `machine ${at}/${name}`, found.labels)
  return found
}

const labelled = z.object({ labels: z.record(z.string(), z.string()).default({}) })

/** Whether a disk or an address is there. @throws `not-owned` */
export async function hasAuxiliary(
  context: Context,
  { client, project, bounds }: Compute,
  kind: 'disk' | 'address',
  { at, name }: Place,
): Promise<boolean> {
  const request = kind === 'disk' ? { project, zone: at, disk: name } : { project, region: at, address: name }
  const of = kind === 'disk' ? 'disks' : 'addresses'
  const found = await orUndefined(() =>
    client.ask({ client: of, method: 'get', request, isRead: true }, bounds),
  )
  if (found === undefined) return false
  assertOwned(context, `${kind} ${at}/${name}`, labelled.parse(found).labels)
  return true
}

function assertOwned({ owner }: Context, what: string, labels: Readonly<Record<string, string>>): void {
  const found = labels[tagNames.owner]
  if (found === owner) return
  const why = found === undefined ? 'it has no owner label' : `it belongs to the owner ${found}`
  throw contractError('not-owned', `${what} is not of this installation: ${why}`)
}

async function orUndefined<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}
