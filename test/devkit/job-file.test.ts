import { expect, test } from 'vitest'
import { demoJobs, jobSpec, parseJobsFile, showProblems } from '../../plugins/devkit/src/index.ts'

test('a good file', () => {
  const parsed = parseJobsFile(`
- name: build
  commands:
    - echo one
    - { directive: echo two, alias: Two }
  env: { A: text, B: 2, C: true }
  epilogue_always: [echo bye]
  delay-ms: 100
- id: 11111111-2222-4333-8444-555555555555
  type: s1-other
  commands: [exit 1]
`)
  expect(parsed).toMatchObject({ ok: true, jobs: [{ name: 'build', env: { B: 2 } }, { type: 's1-other' }] })
})

test.each([
  ['a: 1\n', ['1:1: Invalid input: expected array, received object: a list of jobs']],
  ['- commands: []\n', ['1:13: 0.commands: at least one command']],
  ['- name: x\n', ['1:3: 0.commands: Invalid input: expected array, received undefined']],
  [
    '- commands: [a]\n  typo: 1\n  id: x\n- commands: [a]\n  type: linux\n',
    [
      '2:3: 0: unknown key "typo"',
      '3:7: 0.id: a UUID, as the real job ids are',
      '5:9: 1.type: an agent type: s1- and letters, digits, - or _',
    ],
  ],
  [
    '- &a\n  id: 11111111-2222-4333-8444-555555555555\n  commands: [a]\n- id: 11111111-2222-4333-8444-555555555555\n  commands: [a]\n',
    ['4:7: 1.id: used by an earlier job'],
  ],
])('a bad file gets all of its problems, with line and column: %j', (text, expected) => {
  const parsed = parseJobsFile(text)
  if (parsed.ok) throw new Error('it was taken')
  expect(showProblems('jobs.yml', parsed.problems).split('\n')).toEqual(
    expected.map(line => `jobs.yml:${line}`),
  )
})

test('broken YAML', () => {
  const parsed = parseJobsFile('- commands: [a\n- b: "\n')
  expect(parsed.ok).toBe(false)
  if (!parsed.ok)
    expect(parsed.problems[0]).toMatchObject({ line: expect.any(Number), message: expect.any(String) })
})

test('demo jobs are jobs', () => {
  expect(demoJobs(3).map(job => jobSpec.safeParse(job).success)).toEqual([true, true, true])
})
