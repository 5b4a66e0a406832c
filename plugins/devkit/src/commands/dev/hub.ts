import { Command, Flags } from '@oclif/core'

export default class DevHub extends Command {
  static override summary = 'Run a local stand-in for the Semaphore hub.'
  static override description =
    `Speaks the agent-hub protocol and the part of Semaphore's public API that agentctl uses, with jobs from a file, over HTTP, or made up. Real agents can talk to it too. Its tokens are worth nothing anywhere else.

Without a command it serves until Ctrl-C. With one it starts, runs the command with the SEMAPHORE_AGENT_* variables set, prints how its jobs went, and ends with the command's exit code.`
  static override examples = [
    {
      description: 'Serve three demo jobs until Ctrl-C',
      command: '<%= config.bin %> <%= command.id %> --demo 3',
    },
    {
      description: 'Try a whole round on this machine',
      command: '<%= config.bin %> <%= command.id %> --demo 3 -- <%= config.bin %> provision --provider local',
    },
    {
      description: 'Jobs of your own, everything that happens written to a file',
      command: '<%= config.bin %> <%= command.id %> --jobs jobs.yml --port 4567 --events events.jsonl',
    },
  ]
  static override strict = false
  static override usage = '<%= command.id %> [FLAGS] [-- COMMAND ARGS...]'
  static override flags = {
    host: Flags.string({ default: '127.0.0.1', description: 'Address to listen on.' }),
    port: Flags.integer({ default: 0, description: 'Port to listen on; 0 takes a free one.' }),
    jobs: Flags.string({ description: 'YAML file with jobs to queue.', helpValue: 'FILE.yml' }),
    demo: Flags.integer({ description: 'Queue this many small demo jobs.', min: 0 }),
    'sync-ms': Flags.integer({ default: 200, description: 'How often agents sync.', min: 1 }),
    token: Flags.string({ description: 'Registration token; a random one unless given.' }),
    'api-token': Flags.string({ description: 'Token of the public API; a random one unless given.' }),
    'public-api': Flags.boolean({ allowNo: true, default: true, description: 'Serve the public API.' }),
    'agent-type': Flags.string({ default: 's1-local', description: 'Name of the agent type.' }),
    'org-ceiling': Flags.integer({ description: 'At most this many registered agents.', min: 0 }),
    events: Flags.string({ description: 'File to append events to, a JSON line each.', helpValue: 'FILE' }),
    json: Flags.boolean({ description: 'Print JSON.' }),
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(DevHub)
    const [program = '', ...args] = argv.map(String)
    const [, self = ''] = process.argv
    // `agentctl` after `--` is this very program, also where it is on no PATH.
    const command = program === this.config.bin ? [process.execPath, self, ...args] : argv.map(String)
    const { runHub } = await import('../../cli/run-hub.ts')
    const outcome = await runHub(
      {
        host: flags.host,
        port: flags.port,
        syncMs: flags['sync-ms'],
        agentType: flags['agent-type'],
        publicApi: flags['public-api'],
        json: flags.json,
        command,
        ...(flags.jobs === undefined ? {} : { jobsFile: flags.jobs }),
        ...(flags.demo === undefined ? {} : { demo: flags.demo }),
        ...(flags.token === undefined ? {} : { token: flags.token }),
        ...(flags['api-token'] === undefined ? {} : { apiToken: flags['api-token'] }),
        ...(flags['org-ceiling'] === undefined ? {} : { organizationCeiling: flags['org-ceiling'] }),
        ...(flags.events === undefined ? {} : { eventsFile: flags.events }),
      },
      line => this.log(line),
    )
    if (!outcome.ok) {
      // Not this.error, which breaks lines: `file:line:column` must stay whole.
      this.logToStderr(`Error: ${outcome.message}`)
      this.exit(2)
    }
    if (outcome.exitCode !== 0) this.exit(outcome.exitCode)
  }
}
