import type { CacheStep, CacheView } from '@agentctl/contract'

/** One thing about a cache: how it is, and how it is made right. */
export interface Aspect {
  readonly subject: string
  /** How it is when it is right, in words. */
  readonly want: string
  /** Reads only. */
  read(): Promise<'right' | 'wrong' | 'missing'>
  /** Makes it right. */
  write(): Promise<void>
}

/** Looks first, and writes only what is not right. */
export async function settle({ subject, want: detail, read, write }: Aspect): Promise<CacheStep> {
  const standing = await read()
  if (standing === 'right') return { subject, outcome: 'unchanged', detail }
  await write()
  return { subject, outcome: standing === 'missing' ? 'made' : 'changed', detail }
}

/** How it stands, for showing. */
export async function factOf({ subject, want, read }: Aspect): Promise<CacheView['facts'][number]> {
  const standing = await read()
  return {
    subject,
    isRight: standing === 'right',
    detail: standing === 'right' ? want : `${standing}; wanted: ${want}`,
  }
}
