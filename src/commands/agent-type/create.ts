import { Args, Flags } from '@oclif/core'
import { FleetCommand } from '../../cli/fleet-command.ts'
import { hubFlags } from '../../cli/hub-flags.ts'
import type { CreatedAgentType } from '../../operations/create-agent-type.ts'

export default class AgentTypeCreate extends FleetCommand {
  static override summary = 'Make an agent type, and keep its registration token'
  static override description =
    'The token is told once: it goes where `token:` of the type points, a file for you alone or a secret store, before ' +
    'anything else happens. A type that is there is compared, and not changed.'
  static override examples = [
    {
      description: 'The token goes where agentctl.yml says that the token of s1-linux is',
      command: '<%= config.bin %> <%= command.id %> s1-linux',
    },
    {
      description: 'The token goes into a file, which only you can read',
      command: '<%= config.bin %> <%= command.id %> s1-linux --token file:/etc/agentctl/s1-linux.token',
    },
    {
      description: 'Names come from AWS, and are kept for an hour',
      command:
        '<%= config.bin %> <%= command.id %> s1-linux --token aws-ssm:/ci/s1-linux --release-after 3600 ' +
        "--name-from aws-sts --aws-account 123456789012 --aws-roles 'ci-*'",
    },
  ]
  static override args = {
    'agent-type': Args.string({ required: true, description: 'name of the agent type, s1-…' }),
  }
  static override flags = {
    token: Flags.string({
      summary: 'Where its token is to be kept: file:PATH, aws-ssm:NAME, …',
      helpValue: 'REF',
    }),
    'show-token': Flags.boolean({ summary: 'Print the token: it is then in your terminal, or in a log' }),
    'release-after': Flags.integer({
      summary: 'Seconds for which the name of an agent that has gone stays taken: 0, or at least 60',
      default: 0,
      min: 0,
    }),
    'name-from': Flags.string({
      summary: "Who says an agent's name: itself, or AWS by a signed request",
      options: ['agent', 'aws-sts'] as const,
      default: 'agent',
    }),
    'aws-account': Flags.string({ summary: 'With aws-sts: the account', helpValue: 'ID' }),
    'aws-roles': Flags.string({ summary: 'With aws-sts: patterns of role names', helpValue: 'A,B*' }),
    ...hubFlags,
  }

  async run(): Promise<CreatedAgentType> {
    const { args, flags } = await this.parse(AgentTypeCreate)
    const [{ createAgentType }, { createdAgentTypeLines }] = await Promise.all([
      import('../../operations/create-agent-type.ts'),
      import('../../views/agent-types.ts'),
    ])
    const { token, 'aws-account': account, 'aws-roles': roles, ...settings } = flags
    const created = await createAgentType(await this.context(settings, 'nothing'), {
      name: args['agent-type'],
      settings: {
        releaseAfterSeconds: flags['release-after'],
        nameFrom: flags['name-from'] as 'agent' | 'aws-sts',
        ...((account !== undefined || roles !== undefined) && {
          aws: { account: account ?? '', roles: roles ?? '' },
        }),
      },
      ...(token !== undefined && { token }),
      isShown: flags['show-token'],
    })
    for (const line of createdAgentTypeLines(created)) this.log(line)
    if (created.outcome === 'differs') this.setExitCode(2)
    return created
  }
}
