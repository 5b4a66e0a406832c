import { contractError } from '@agentctl/contract'
import { z } from 'zod'
import type { Npm } from '../effects/npm.ts'
import { admitContract, isSpokenTo } from './admit.ts'
import { npmTrouble } from './npm-trouble.ts'
import type { PluginFacts } from './registry.ts'

/** A registry that is down is said to be down at once. Unit: milliseconds. */
const once = ['--fetch-retries=0', '--fetch-timeout=10000']

const seen = z.object({ name: z.string(), version: z.string(), agentctl: z.unknown() })

/** What a registry says of a package before anything of it is fetched. */
export interface Offer {
  readonly plugin: PluginFacts
  /** In words: why it is not the version that was asked for. */
  readonly note?: string
}

/**
 * The version to install: the one asked for, or of several the newest that this agentctl can talk to. Where no version
 * was asked for, an older one than the latest will do.
 * @throws `unsupported` when none is made for this agentctl, and what {@link npmTrouble} makes of a failed look
 */
export async function offerOf(npm: Npm, folder: string, name: string, range: string): Promise<Offer> {
  const versions = await versionsOf(npm, folder, `${name}@${range}`)
  const newest = versions.at(-1)
  if (!newest) throw contractError('invalid-spec', `The npm registry has no ${name}@${range}`)
  const usable = versions.findLast(isSpokenTo)
  if (usable) return { plugin: usable }

  const older = (await versionsOf(npm, folder, `${name}@>=0.0.0`)).findLast(isSpokenTo)
  if (older && range === 'latest')
    return {
      plugin: older,
      note: `${name} ${newest.version} is made for another contract; ${older.version} is the newest for this agentctl.`,
    }
  admitContract(newest, older && `For this agentctl there is ${name}@${older.version}`)
  throw contractError('internal', `${name} ${newest.version} was neither refused nor accepted`)
}

/** Oldest first. */
async function versionsOf(npm: Npm, folder: string, spec: string): Promise<readonly PluginFacts[]> {
  const ended = await npm(folder, ['view', spec, 'name', 'version', 'agentctl', ...once])
  if (!ended.isDone) throw npmTrouble(spec, ended)
  const said: unknown = ended.stdout.trim() === '' ? [] : JSON.parse(ended.stdout)
  return z
    .array(seen)
    .parse(Array.isArray(said) ? said : [said])
    .map(({ name, version, agentctl }) => ({ name, version, type: 'user', root: '', pjson: { agentctl } }))
}
