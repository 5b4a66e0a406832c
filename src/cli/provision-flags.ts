import { Flags } from '@oclif/core'

/** What `provision` alone is told. */
export const provisionFlags = {
  jobs: Flags.string({
    summary: '`queued`, or ids of jobs',
    helpValue: 'queued|ID',
    multiple: true,
    multipleNonGreedy: true,
    exclusive: ['count'],
  }),
  count: Flags.integer({ summary: 'Instances that take any job of the type', min: 1, max: 10_000 }),
  concurrency: Flags.integer({
    summary: 'Instances alive at once for this command',
    min: 1,
    max: 10_000,
    default: 10,
  }),
  detach: Flags.boolean({ summary: 'Leave when everything is launched; `reap` or cron does the rest' }),
  terminate: Flags.boolean({ summary: 'Ctrl-C also ends instances whose jobs run' }),
  patience: Flags.string({
    summary: 'How long nothing may happen before the rest is given up',
    default: '30m',
    helpValue: 'DURATION',
  }),
  install: Flags.boolean({
    summary: 'Install the plugin of a provider that is missing; asked on a terminal',
    env: 'AGENTCTL_INSTALL',
  }),
}
