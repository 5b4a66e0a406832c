import { type Provider, type ResourceRef, tagNames } from '@agentctl/contract'
import type { EC2, Instance as Ec2Instance } from '@aws-sdk/client-ec2'
import type { Context } from './context.ts'
import { isOwned, notOwned } from './terminate.ts'

type Change = Parameters<NonNullable<Provider['mark']>>[1]

/** Undefined for what is not there. @throws `not-owned` */
async function findOwned(
  { owner }: Context,
  ec2: EC2,
  { id }: ResourceRef,
  abortSignal: AbortSignal,
): Promise<Ec2Instance | undefined> {
  const Filters = [{ Name: 'instance-id', Values: [id] }]
  const { Reservations = [] } = await ec2.describeInstances({ Filters }, { abortSignal })
  const found = Reservations[0]?.Instances?.[0]
  if (found && !isOwned(found.Tags, owner)) throw notOwned(id, owner)
  return found
}

/** On the instance's own tags. */
export async function mark(
  context: Context,
  ref: ResourceRef,
  change: Change,
  abortSignal: AbortSignal,
): Promise<void> {
  const { region } = ref.scope
  if (ref.kind !== 'instance') return
  const found = await findOwned(context, await context.clients.read(region), ref, abortSignal)
  if (!found) return
  const ec2 = await context.clients.write(region)
  const { expiresAt, holdUntil } = change
  const seconds = (ms: number) => String(Math.floor(ms / 1000))
  const Tags = [
    ...(expiresAt === undefined ? [] : [{ Key: tagNames.expiresAt, Value: seconds(expiresAt) }]),
    ...(holdUntil ? [{ Key: tagNames.holdUntil, Value: seconds(holdUntil) }] : []),
  ]
  if (Tags.length > 0) await ec2.createTags({ Resources: [ref.id], Tags }, { abortSignal })
  if (holdUntil === 0) {
    await ec2.deleteTags({ Resources: [ref.id], Tags: [{ Key: tagNames.holdUntil }] }, { abortSignal })
  }
}
