import process from 'node:process'
import { createInterface } from 'node:readline/promises'

/** A person's answer, no unless it is yes; undefined where there is no terminal to ask on. */
export async function confirm(question: string): Promise<boolean | undefined> {
  const { stdin, stderr } = process
  if (!stdin.isTTY || !stderr.isTTY) return undefined
  const lines = createInterface({ input: stdin, output: stderr })
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim())
  } finally {
    lines.close()
  }
}
