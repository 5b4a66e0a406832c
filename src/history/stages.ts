import type { Life, Step } from './life.ts'
import { type Spread, spreadOf } from './spread.ts'

/** A part of a machine's way, between two of its steps. */
interface Stage {
  readonly name: string
  readonly words: string
  readonly from: Step
  readonly to: Step
  /** Of a job's first machine alone. */
  readonly isFirst?: true
}

const stages: readonly Stage[] = [
  { name: 'wait', words: 'job waits, from queued to taken', from: 'wanted', to: 'jobTaken' },
  { name: 'queue', words: 'queued to decision', from: 'wanted', to: 'decided', isFirst: true },
  { name: 'launch', words: 'decision to accepted', from: 'decided', to: 'accepted' },
  { name: 'boot', words: 'accepted to booted', from: 'accepted', to: 'booted' },
  { name: 'start', words: 'booted to agent started', from: 'booted', to: 'agentStarted' },
  { name: 'register', words: 'agent started to registered', from: 'agentStarted', to: 'registered' },
  { name: 'job', words: 'job taken to finished', from: 'jobTaken', to: 'jobFinished' },
  { name: 'power-off', words: 'job finished to powered off', from: 'jobFinished', to: 'poweredOff' },
  { name: 'removal', words: 'powered off to gone', from: 'poweredOff', to: 'gone' },
]

export interface StageFigure extends Spread {
  readonly name: string
  readonly words: string
}

/** How long each part of the way took, of the machines of which both ends are known. */
export function stageFigures(lives: readonly Life[]): readonly StageFigure[] {
  return stages.flatMap(({ name, words, from, to, isFirst }) => {
    const spread = spreadOf(
      lives.filter(life => !isFirst || life.attempt === 1).flatMap(life => durationOf(life, from, to)),
    )
    return spread ? [{ name, words, ...spread }] : []
  })
}

export function durationOf({ times }: Life, from: Step, to: Step): readonly number[] {
  const [start, end] = [times[from], times[to]]
  return start === undefined || end === undefined ? [] : [Math.max(0, end - start)]
}
