import { contractError } from '@agentctl/contract'
import type { Proposal } from './see.ts'

/** One thing that has to be known. */
export interface Question {
  /** The flag that answers it too. */
  readonly flag: string
  readonly words: string
  /** What the flag said. */
  readonly given?: string | undefined
  readonly proposal?: Proposal | undefined
  /** What is wrong with an answer; undefined for one that is good. */
  readonly check: (answer: string) => string | undefined
  /** An empty answer is none. */
  readonly isOptional?: boolean
}

/** Asks a person; the answer is empty where they only pressed Enter. */
export type Ask = (words: string) => Promise<string>

export interface Answers {
  /** The flag's value, what was answered, or what was proposed; undefined for nothing. */
  answer(question: Question): Promise<string | undefined>
  /** @throws `invalid-spec` with every flag that is missing or wrong, where nobody could be asked */
  finish(): void
  /** What was taken without an answer, by flag. */
  readonly proposed: readonly (Proposal & { readonly flag: string })[]
}

/** With nobody to ask, proposals are taken, and what is missing is told all at once. */
export function openAnswers(ask: Ask | undefined, say: (line: string) => void): Answers {
  const problems: { path: string; message: string }[] = []
  const proposed: (Proposal & { flag: string })[] = []

  async function asked(asking: Ask, question: Question): Promise<string | undefined> {
    const { words, proposal, check, isOptional = false } = question
    const shown = proposal
      ? `${words} [${proposal.value}: ${proposal.from}] `
      : `${words}${isOptional ? ' [none]' : ''} `
    for (;;) {
      const text = (await asking(shown)).trim()
      const answer = text === '' ? proposal?.value : text
      if (answer === undefined) {
        if (isOptional) return undefined
        continue
      }
      const problem = check(answer)
      if (problem === undefined) return answer
      // Not repeated: it may be a secret that was meant to be a reference.
      say(`  That ${problem}`)
    }
  }
  return {
    proposed,
    async answer(question) {
      const { flag, given, proposal, check, isOptional = false } = question
      if (given === undefined && ask) return asked(ask, question)
      const value = given ?? proposal?.value
      if (value === undefined) {
        if (!isOptional)
          problems.push({ path: flag, message: 'is missing, and there is no terminal to ask on' })
        return undefined
      }
      const problem = check(value)
      if (problem !== undefined) problems.push({ path: flag, message: problem })
      else if (given === undefined && proposal) proposed.push({ ...proposal, flag })
      return value
    },
    finish() {
      if (problems.length === 0) return
      throw contractError('invalid-spec', 'No configuration can be written from this', {
        problems,
        hint: 'Give these flags, or run it on a terminal, where it asks.',
      })
    },
  }
}
