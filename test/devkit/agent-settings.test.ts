import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseFlags } from '../../plugins/devkit/src/agent/flags.ts'
import { resolveSettings } from '../../plugins/devkit/src/agent/resolve.ts'
import { settings, type Values, variableOf } from '../../plugins/devkit/src/agent/settings.ts'

function resolved(
  args: string[],
  env: Record<string, string> = {},
  file: Record<string, unknown> = {},
): Values {
  const flags = parseFlags(args)
  if (!flags.ok) throw new Error(flags.refusal.message)
  return resolveSettings({ flags: flags.value, env, file: new Map(Object.entries(file)) })
}

test('there are 25 settings', () => {
  expect(settings).toHaveLength(25)
  expect(variableOf('disconnect-after-idle-timeout')).toBe('SEMAPHORE_AGENT_DISCONNECT_AFTER_IDLE_TIMEOUT')
})

const samples = {
  text: ['a', 'b', 'c'],
  flag: ['true', 'true', 'true'],
  whole: ['1', '2', '3'],
  list: ['a=1', 'b=1', 'c=1'],
} as const
const one = { text: (v: string) => v, flag: () => true, whole: Number, list: (v: string) => [v] } as const

test.each(
  settings.filter(({ key }) => key !== 'config-file').map(setting => [setting.key, setting] as const),
)('%s: flag, then variable, then file, then the default', (key, { kind, standard }) => {
  const [flag, variable, filed] = samples[kind]
  const args = [`--${key}=${flag}`]
  const env = { [variableOf(key)]: variable }
  const file = { [key]: kind === 'list' ? [filed] : filed }
  expect(resolved(args, env, file)[key]).toEqual(one[kind](flag))
  expect(resolved([], env, file)[key]).toEqual(one[kind](variable))
  expect(resolved([], {}, file)[key]).toEqual(one[kind](filed))
  expect(resolved([])[key]).toEqual(standard)
  expect(resolved([], { [variableOf(key)]: '' }, file)[key]).toEqual(one[kind](filed))
})

test('the config file is a flag only', () => {
  expect(resolved([], { SEMAPHORE_AGENT_CONFIG_FILE: 'x.yml' })['config-file']).toBe('')
})

test('lists: CSV in a flag, white space in a variable', () => {
  expect(resolved(['--env-vars', 'A=1,B=2', '--env-vars=C=3'])['env-vars']).toEqual(['A=1', 'B=2', 'C=3'])
  expect(resolved(['--env-vars', '"A=1,2",B=3'])['env-vars']).toEqual(['A=1,2', 'B=3'])
  expect(resolved([], { SEMAPHORE_AGENT_ENV_VARS: 'A=1,B=2' })['env-vars']).toEqual(['A=1,B=2'])
  expect(resolved([], { SEMAPHORE_AGENT_ENV_VARS: ' A=1\tB=2 ' })['env-vars']).toEqual(['A=1', 'B=2'])
})

test('truth values as Go reads them, nonsense is false, nonsense numbers are 0', () => {
  const noHttps = (value: unknown) => resolved([], {}, { 'no-https': value })['no-https']
  expect([true, 'true', 'T', '1', 1].map(noHttps)).toEqual([true, true, true, true, true])
  expect([false, 'yes', 'on', '0', 0].map(noHttps)).toEqual([false, false, false, false, false])
  const idle = { SEMAPHORE_AGENT_DISCONNECT_AFTER_IDLE_TIMEOUT: '5m' }
  expect(resolved([], idle)['disconnect-after-idle-timeout']).toBe(0)
})

test('a bare flag is true and takes no word after it', () => {
  const values = resolved(['--no-https', 'false', '--name', '--token', '--', '--endpoint=x'])
  expect(values).toMatchObject({ 'no-https': true, name: '--token', token: '', endpoint: '' })
})

test('any list of plain items survives the way through a flag', () => {
  const item = fc.stringMatching(/^[A-Za-z_]\w{0,5}=[\w./:@ -]{0,10}$/)
  fc.assert(
    fc.property(fc.array(item, { minLength: 1 }), items => {
      expect(resolved(['--env-vars', items.join(',')])['env-vars']).toEqual(items)
    }),
  )
})
