import { type CacheStep, hasCode } from '@agentctl/contract'

/** One thing about a cache: how it is, and how it is made right. */
export interface Aspect {
  readonly subject: string
  /** How it is when it is right, in words. */
  readonly want: string
  /** Reads only; anything that is not as it should be has `isRight: false`. */
  read(): Promise<Standing>
  /** Makes it right. */
  write(): Promise<void>
}

export interface Standing {
  readonly isThere: boolean
  readonly isRight: boolean
  /** How it is, in words, where that is not what is wanted. */
  readonly detail?: string
}

export const absent: Standing = { isThere: false, isRight: false, detail: 'missing' }
export const right: Standing = { isThere: true, isRight: true }

/** Looks first, and writes only what is not right. */
export async function settle(aspect: Aspect): Promise<CacheStep> {
  const { subject, want: detail } = aspect
  const { isThere, isRight } = await aspect.read()
  if (isRight) return { subject, outcome: 'unchanged', detail }
  await aspect.write()
  return { subject, outcome: isThere ? 'changed' : 'made', detail }
}

/** For stores that are only like S3: what they do not have is said, and not done. */
export async function settleIfSupported(aspect: Aspect): Promise<CacheStep> {
  try {
    return await settle(aspect)
  } catch (error) {
    if (!hasCode(error, 'unsupported')) throw error
    return { subject: aspect.subject, outcome: 'unsupported', detail: 'this store does not have it' }
  }
}

/** How it stands, for showing. */
export async function factOf({ subject, want, read }: Aspect) {
  const { isRight, detail = want } = await read()
  return { subject, isRight, detail: isRight ? detail : `${detail}; wanted: ${want}` }
}
