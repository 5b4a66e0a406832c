import type { Story } from './story.ts'

/** Stories with one thing less, the largest things first. */
export function* smaller(story: Story): Generator<Story> {
  const { acts, happenings, knobs, jobs } = story
  const without = <T>(list: readonly T[], at: number) => list.toSpliced(at, 1)
  for (const at of acts.keys()) if (acts.length > 1) yield { ...story, acts: without(acts, at) }
  for (const at of happenings.keys()) yield { ...story, happenings: without(happenings, at) }
  if (jobs.count > 1) {
    yield { ...story, jobs: { ...jobs, count: Math.floor(jobs.count / 2) } }
    yield { ...story, jobs: { ...jobs, count: jobs.count - 1 } }
  }
  for (const [at, { diesAt: _, ...act }] of acts.entries())
    if (acts[at]?.diesAt !== undefined) yield { ...story, acts: acts.with(at, act) }
  for (const name of Object.keys(knobs)) {
    const { [name as keyof typeof knobs]: _, ...rest } = knobs
    yield { ...story, knobs: rest }
  }
  for (const [operation, faults] of Object.entries(knobs.chances ?? {}))
    for (const fault of Object.keys(faults)) {
      const { [fault as keyof typeof faults]: _, ...rest } = faults
      yield { ...story, knobs: { ...knobs, chances: { ...knobs.chances, [operation]: rest } } }
    }
}

/** The smallest story found that still fails, by leaving out one thing after the other; at most `playsMax` are played. */
export async function shrink(
  story: Story,
  fails: (story: Story) => Promise<boolean>,
  playsMax = 120,
): Promise<Story> {
  let smallest = story
  let plays = 0
  for (let isSmaller = true; isSmaller; ) {
    isSmaller = false
    for (const candidate of smaller(smallest)) {
      if (plays++ >= playsMax) return smallest
      if (!(await fails(candidate))) continue
      smallest = candidate
      isSmaller = true
      break
    }
  }
  return smallest
}
