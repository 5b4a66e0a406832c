import { assemble } from './assemble.ts'
import { parseConfig } from './document.ts'

/** Reads a text as the file that it is to be, with no flags and no variables. @throws `invalid-spec` with every problem */
export function checkDocument(text: string, file: string): void {
  assemble({ document: parseConfig(text, file), file, flags: {}, env: {}, userName: '', hostName: '' })
}
