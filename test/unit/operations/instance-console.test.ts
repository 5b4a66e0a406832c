import { expect, it } from 'vitest'
import { newIn } from '../../../src/operations/instance-console.ts'

it.each([
  ['nothing before', '', 'one\n', 'one\n'],
  ['nothing new', 'one\n', 'one\n', ''],
  ['a longer text', 'one\n', 'one\ntwo\n', 'two\n'],
  ['a window that has moved on', 'one\ntwo\n', 'two\nthree\n', 'two\nthree\n'],
  [
    'a long window that has moved on',
    `${'x'.repeat(3000)}\ntwo\n`,
    `${'x'.repeat(2500)}\ntwo\nthree\n`,
    'three\n',
  ],
  ['two windows that do not meet', 'one\n', 'nine\n', 'nine\n'],
])('what is new on a console: %s', (_, before, after, expected) => {
  expect(newIn(before, after)).toBe(expected)
})
