import { Flags, type Interfaces } from '@oclif/core'
import { flagOf, type OwnKey, ownKeys } from '../config/keys.ts'

type FlagRecord = Record<string, Interfaces.BooleanFlag<boolean> | Interfaces.OptionFlag<string | undefined>>

function settingFlag({ key, at, form, summary, helpValue, options }: OwnKey) {
  const common = { summary, helpGroup: at === 'pool' && key !== 'provider' ? 'POOL' : 'SETTINGS' }
  // `--no-no-https` would be no help to anybody.
  if (form === 'switch') return Flags.boolean({ ...common, allowNo: !key.startsWith('no-') })
  return Flags.string({
    ...common,
    ...(options === undefined ? { helpValue: helpValue ?? (form === 'text' ? 'TEXT' : 'N') } : { options }),
  })
}

const group = { helpGroup: 'SETTINGS' } as const

/** What chooses, and what is no key of the file. */
const choices = {
  pool: Flags.string({ ...group, summary: 'Pool that is meant', helpValue: 'NAME' }),
  'agent-type': Flags.string({ ...group, summary: 'Agent type that is meant', helpValue: 's1-NAME' }),
  token: Flags.string({
    ...group,
    summary: 'Registration token of the agent type. Reference such as env:NAME or file:PATH',
    helpValue: 'REF',
  }),
  set: Flags.string({
    ...group,
    summary: "A key of the pool's spec, such as region=us-east-1; may be repeated",
    helpValue: 'KEY=VALUE',
    multiple: true,
    multipleNonGreedy: true,
  }),
}

/** A flag for each key that agentctl knows (`--owner` is global), as text, for `loadSettings` to read. */
export const settingsFlags = {
  ...(Object.fromEntries(
    ownKeys.filter(row => row.key !== 'owner').map(row => [flagOf(row), settingFlag(row)]),
  ) as FlagRecord),
  ...choices,
}
