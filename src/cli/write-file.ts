import { writeFileSync } from 'node:fs'
import { contractError } from '@agentctl/contract'
import { messageOf } from '../errors/message.ts'

/** @throws `invalid-spec` when it cannot be written */
export function writeFile(path: string, text: string): void {
  try {
    writeFileSync(path, text)
  } catch (cause) {
    throw contractError('invalid-spec', `Cannot write ${path}: ${messageOf(cause)}`, {
      cause,
      hint: 'Name a file in a folder that is there and may be written.',
    })
  }
}
