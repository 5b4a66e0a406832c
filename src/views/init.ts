import type { InitResult } from '../operations/init/index.ts'
import { table } from './table.ts'

export function initLines({ file, proposed, missing, next }: InitResult): readonly string[] {
  return [
    `${file} is written.`,
    ...(proposed.length === 0
      ? []
      : [
          '',
          ...table(
            ['PROPOSED', 'VALUE', 'SINCE'],
            proposed.map(({ key, value, from }) => [key, value, from]),
          ),
        ]),
    ...(missing.length === 0
      ? []
      : ['', 'Still to be written there:', ...missing.map(({ path, message }) => `  ${path}: ${message}`)]),
    '',
    `Next: ${next.join(', and then ')}`,
  ]
}
