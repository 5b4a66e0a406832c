import { Flags } from '@oclif/core'
import { ownKeys } from '../config/keys.ts'

function described(key: string) {
  const row = ownKeys.find(one => one.key === key)
  return { summary: row?.summary ?? '', helpGroup: 'SETTINGS', helpValue: row?.helpValue ?? 'TEXT' }
}

/** For commands that ask the organization and no cloud: settings, for `loadSettings` to read. */
export const hubFlags = {
  endpoint: Flags.string(described('endpoint')),
  'no-https': Flags.boolean({ summary: described('no-https').summary, helpGroup: 'SETTINGS' }),
  'api-token': Flags.string(described('api-token')),
}
