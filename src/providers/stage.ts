import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { contractError } from '@agentctl/contract'
import { z } from 'zod'
import type { Npm } from '../effects/npm.ts'
import { messageOf } from '../errors/message.ts'
import { npmTrouble } from './npm-trouble.ts'
import type { PluginFacts } from './registry.ts'

const packageJson = z.looseObject({ name: z.string(), version: z.string() })
const installed = z.object({ dependencies: z.record(z.string(), z.string()) })

/** A registry that goes away meanwhile is not waited for. Unit: milliseconds. */
const briefly = ['--fetch-retries=1', '--fetch-retry-mintimeout=1000', '--fetch-timeout=60000']

/**
 * Has npm put a package and all that it needs into a folder of its own.
 * @param runsScripts a repository is built by its own scripts; what is packed needs none
 */
export async function stage(
  npm: Npm,
  folder: string,
  spec: string,
  runsScripts: boolean,
): Promise<PluginFacts> {
  const file = join(folder, 'package.json')
  await writeFile(file, '{ "private": true }\n')
  const scripts = runsScripts ? [] : ['--ignore-scripts']
  const ended = await npm(folder, [
    'install',
    spec,
    '--omit=dev',
    '--no-package-lock',
    ...scripts,
    ...briefly,
  ])
  if (!ended.isDone) throw npmTrouble(spec, ended)
  const [name = ''] = Object.keys(installed.parse(JSON.parse(await readFile(file, 'utf8'))).dependencies)
  return { ...(await factsIn(join(folder, 'node_modules', name))), type: 'user' }
}

/** What the package.json of a plugin's own folder says. @throws `invalid-spec` */
export async function factsIn(root: string): Promise<PluginFacts> {
  const file = join(root, 'package.json')
  try {
    const pjson = packageJson.parse(JSON.parse(await readFile(file, 'utf8')))
    return { name: pjson.name, version: pjson.version, type: 'link', root, pjson }
  } catch (cause) {
    throw contractError('invalid-spec', `${root} holds no package: ${messageOf(cause).split('\n')[0]}`, {
      cause,
      hint: 'A plugin is a folder with a package.json that has a name and a version.',
    })
  }
}
