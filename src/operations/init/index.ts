import { link, rename, rm, writeFile } from 'node:fs/promises'
import { contractError, type Problem } from '@agentctl/contract'
import { checkDocument } from '../../config/check-text.ts'
import type { Context } from '../context.ts'
import { type Ask, openAnswers } from './answers.ts'
import { askWhere, askWho, type InitRequest } from './ask.ts'
import { composeConfig, type FirstConfig } from './compose.ts'
import { isThere } from './see.ts'
import { agentOf, specOf } from './spec.ts'

export interface InitResult {
  readonly file: string
  readonly provider: string
  readonly pool: string
  readonly agentType: string | null
  /** What nobody was asked for, and why it is so. */
  readonly proposed: readonly { readonly key: string; readonly value: string; readonly from: string }[]
  /** Keys that a launch needs and that nobody knows yet. */
  readonly missing: readonly Problem[]
  /** Commands to run next. */
  readonly next: readonly string[]
}

/**
 * Asks the least, proposes the rest from what can be seen, and writes a first agentctl.yml.
 * @throws `invalid-spec` where a file is there already, and with every flag that is missing or wrong
 */
export async function init(context: Context, request: InitRequest, ask?: Ask): Promise<InitResult> {
  if (!request.isForced && (await isThere(request.file))) throw alreadyThere(request.file)
  const answers = openAnswers(ask, line => context.log.info(line))
  const who = await askWho(context, request, answers)
  const where = await askWhere(context, request, answers)
  answers.finish()
  const found = await specOf(context, request, where)
  const agent = await agentOf(context, where.provider, found.sharesHost)
  const config: FirstConfig = {
    ...who.config,
    owner: request.given.owner ?? context.settings.owner,
    noHttps: request.noHttps,
    pool: request.given.pool ?? where.provider,
    provider: where.provider,
    ...found,
    missing: [...new Set(found.problems.map(({ path }) => path.replace(/^spec\./, '')))],
    agent: Object.fromEntries(agent.map(({ key, value }) => [key.replace('agent.', ''), value])),
  }
  const text = composeConfig(config)
  checkDocument(text, request.file)
  await write(request, text)
  const { pool, provider } = config
  return {
    file: request.file,
    provider,
    pool,
    agentType: config.agentType?.name ?? null,
    proposed: [
      ...answers.proposed.map(({ flag, ...rest }) => ({ key: flag, ...rest })),
      ...found.proposed,
      ...agent,
    ],
    missing: found.problems.map(({ path, message }) => ({ path: `pools.${pool}.${path}`, message })),
    next: [...who.next, 'agentctl doctor'].map(command => command + request.suffix),
  }
}

function alreadyThere(file: string) {
  return contractError('invalid-spec', `${file} is there already`, {
    hint: 'agentctl config validate checks it. --force writes over it, --config names another file.',
  })
}

/** Whole or not at all; a file that came in between is not written over. */
async function write({ file, isForced }: InitRequest, text: string): Promise<void> {
  const fresh = `${file}.new`
  try {
    await writeFile(fresh, text)
    if (isForced) await rename(fresh, file)
    else await link(fresh, file)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'EEXIST') throw alreadyThere(file)
    throw contractError('invalid-spec', `${file} cannot be written: ${code}`, {
      hint: 'Name one in a folder that is there and that you can write to, with --config.',
      cause,
    })
  } finally {
    await rm(fresh, { force: true })
  }
}
