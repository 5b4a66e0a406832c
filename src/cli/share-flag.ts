import { contractError } from '@agentctl/contract'
import { Flags } from '@oclif/core'

/** A number from 0 to 1. */
export const shareFlag = Flags.custom<number>({
  helpValue: '0..1',
  async parse(text) {
    const share = Number(text)
    if (text.trim() !== '' && share >= 0 && share <= 1) return share
    throw contractError('invalid-spec', `${text} is no share`, {
      hint: 'Write a number from 0 to 1, such as 0.5.',
    })
  },
})
