import { isAbsolute, join } from 'node:path'
import { Flags } from '@oclif/core'
import { FleetCommand } from '../cli/fleet-command.ts'
import { hubFlags } from '../cli/hub-flags.ts'
import type { InitResult } from '../operations/init/index.ts'

export default class Init extends FleetCommand {
  static override summary = 'Write a first agentctl.yml'
  static override description =
    'Asks on a terminal for the provider, the organization, the agent type and where its token is, and proposes the ' +
    'rest from what it can see here. Every question is a flag too; without a terminal proposals are taken. A file that ' +
    'is there is not written over.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    {
      description: 'With nobody to ask',
      command:
        '<%= config.bin %> <%= command.id %> --provider aws --region us-east-1 --endpoint acme.semaphoreci.com ' +
        '--agent-type s1-linux --token aws-ssm:/ci/s1-linux',
    },
    '<%= config.bin %> <%= command.id %> --provider docker --set image=ci/agent:1 --json',
  ]
  static override flags = {
    provider: Flags.string({ summary: 'Cloud to make machines in', helpValue: 'NAME' }),
    region: Flags.string({ summary: 'Region or location of the machines', helpValue: 'NAME' }),
    'agent-type': Flags.string({ summary: 'Agent type whose jobs are run', helpValue: 's1-NAME' }),
    token: Flags.string({
      summary: 'Where its token is: env:NAME, file:PATH, aws-ssm:NAME, …',
      helpValue: 'REF',
    }),
    pool: Flags.string({ summary: 'Name of the pool. Default: that of the provider', helpValue: 'NAME' }),
    set: Flags.string({
      summary: "A key of the pool's spec, such as image=ami-0abc; may be repeated",
      helpValue: 'KEY=VALUE',
      multiple: true,
      multipleNonGreedy: true,
    }),
    force: Flags.boolean({ summary: 'Write over a file that is there' }),
    yes: Flags.boolean({ summary: 'Do not ask: take what is proposed' }),
    ...hubFlags,
  }

  async run(): Promise<InitResult> {
    const { flags } = await this.parse(Init)
    const [{ init }, { initLines }, { openAsking }, { blankContext }] = await Promise.all([
      import('../operations/init/index.ts'),
      import('../views/init.ts'),
      import('../cli/ask.ts'),
      import('../cli/open-context.ts'),
    ])
    const { cwd, env } = this.surroundings
    const file = flags.config ?? 'agentctl.yml'
    const { force, yes, set = [], 'no-https': noHttps, verbose, config: _, json: __, ...given } = flags
    const context = blankContext({
      config: this.config,
      flags: { verbose },
      signal: this.leaving.signal,
      write: line => this.say(line),
    })
    using asking = yes || this.jsonEnabled() ? undefined : openAsking()
    const request = {
      file: isAbsolute(file) ? file : join(cwd, file),
      isForced: force,
      noHttps: noHttps ?? /^(1|t|true)$/i.test(env.SEMAPHORE_AGENT_NO_HTTPS ?? ''),
      given: Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
      set,
      suffix: flags.config === undefined ? '' : ` --config ${flags.config}`,
    }
    const result = await init(context, request, asking && (words => asking.ask(words)))
    for (const line of initLines(result)) this.log(line)
    return result
  }
}
