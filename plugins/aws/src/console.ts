import { type ConnectHint, contractError, type ResourceRef } from '@agentctl/contract'
import type { Context } from './context.ts'
import { isNamed, isNotFound } from './errors.ts'

/** What `consoleTail` gives at most, which is also what EC2 keeps. Unit: bytes. */
const tailBytesMax = 65_536

/**
 * The serial console, at most 64 KiB; empty where there is none. Kept for an hour after the end.
 * `Latest` is for Nitro types alone. Source: EC2 API reference, GetConsoleOutput, 2026-11.
 */
export async function consoleTail(
  context: Context,
  ref: ResourceRef,
  abortSignal: AbortSignal,
): Promise<string> {
  const ec2 = await context.clients.read(ref.scope.region)
  const ask = (Latest: boolean) =>
    ec2.getConsoleOutput({ InstanceId: ref.id, ...(Latest && { Latest }) }, { abortSignal })
  try {
    const { Output = '' } = await ask(true).catch(error => {
      if (isNamed(error, 'UnsupportedOperation')) return ask(false)
      throw error
    })
    const bytes = Buffer.from(Output, 'base64')
    // What is no UTF-8 grows when it is read as text, so the text is cut as well.
    const text = Buffer.from(bytes.subarray(-tailBytesMax).toString())
    return text
      .subarray(-tailBytesMax)
      .toString()
      .replace(/^\uFFFD+/, '')
  } catch (error) {
    if (isNotFound(error)) return ''
    throw error
  }
}

/** Pure. */
export function connect({ id, kind, scope }: ResourceRef): ConnectHint {
  if (kind !== 'instance' || !/^i-[0-9a-f]+$/.test(id)) {
    throw contractError('not-owned', `${id} is no instance of the provider aws`)
  }
  return {
    command: ['aws', 'ssm', 'start-session', '--region', scope.region, '--target', id],
    note: 'Needs the SSM agent in the image, and AmazonSSMManagedInstanceCore on the instance profile.',
  }
}
