import type { Phase, PhaseFacts } from '../../../src/fleet/phases.ts'
import { type EndReason, endReasons, isBootFailure, verdictOf } from '../../../src/fleet/reasons.ts'
import { code, markdownTable } from './markdown.ts'

/** A step from one phase to the next: what has been seen by then, in words and as facts. */
interface Step {
  readonly from: Phase | undefined
  readonly to: Phase
  readonly when: string
  /** Undefined before the cloud has answered: those phases are no machine's. */
  readonly facts?: Partial<PhaseFacts> & {
    readonly state?: 'pending' | 'running' | 'stopping' | 'stopped' | 'failed'
  }
}

export const steps: readonly Step[] = [
  { from: undefined, to: 'requested', when: 'a job waits, and there is room' },
  { from: 'requested', to: 'launching', when: 'written down, then asked of the cloud' },
  { from: 'launching', to: 'booting', when: 'the cloud shows the machine', facts: { state: 'pending' } },
  {
    from: 'booting',
    to: 'online',
    when: 'its agent is at the hub',
    facts: { agent: 'idle', hasAgentRegistered: true },
  },
  {
    from: 'online',
    to: 'draining',
    when: 'its agent has left',
    facts: { agent: 'absent', hasBeenOnline: true },
  },
  { from: 'booting', to: 'draining', when: 'it has powered itself off', facts: { state: 'stopped' } },
  {
    from: 'draining',
    to: 'terminating',
    when: 'the cloud was asked to end it',
    facts: { state: 'stopped', isTerminateAsked: true },
  },
  {
    from: 'booting',
    to: 'terminating',
    when: 'a deadline is over, or nobody needs it',
    facts: { isTerminateAsked: true },
  },
  { from: 'terminating', to: 'gone', when: 'two complete lists lack it', facts: { isGone: true } },
  { from: 'draining', to: 'gone', when: 'it ended itself, where that deletes it', facts: { isGone: true } },
]

/** The way of a machine, as a state diagram. */
export function lifeDiagram(): string {
  const lines = steps.map(({ from, to, when }) => `  ${from ?? '[*]'} --> ${to}: ${when}`)
  return ['```mermaid', 'stateDiagram-v2', ...lines, '  gone --> [*]', '```'].join('\n')
}

const reasonWords: Readonly<Record<EndReason, string>> = {
  'job-finished': 'The job ran, whatever its result.',
  idle: 'No job came within the idle timeout.',
  interrupted: 'The machine was told to stop while its agent waited, or after its job.',
  requested: 'Somebody disabled the agent at Semaphore.',
  'unable-to-sync': 'The agent could not reach the hub for ten minutes.',
  'not-needed': 'Its job was cancelled, or another agent took it.',
  'agent-failed': 'The agent, its download or the set-up failed. The console says how.',
  'boot-timeout': 'It had not booted within `timeouts.boot`.',
  'agent-timeout': 'Its agent had not registered within `timeouts.agent`.',
  expired: '`timeouts.total` was over.',
  cancelled: 'You ended it.',
  lost: 'It was gone, or rebooted, with no word why.',
  'launch-failed': 'The cloud accepted it and then could not make it.',
  'spot-reclaimed': 'The cloud took it back.',
  unknown: 'Nobody said. An API token lets agentctl know more.',
}

const verdictWords = {
  done: 'done',
  failed: 'counts as one of the `attempts`',
  unclear: 'the queue decides whether the job still waits',
} as const

export function reasonsTable(): string {
  return markdownTable(
    ['reason', 'what happened', 'for the job', 'opens the breaker'],
    endReasons.map(reason => [
      code(reason),
      reasonWords[reason],
      verdictWords[verdictOf(reason)],
      isBootFailure(reason) ? 'five in a row do' : '',
    ]),
  )
}
