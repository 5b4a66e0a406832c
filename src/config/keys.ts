/** A key of the configuration that a flag or a variable can give. */
export interface OwnKey {
  /** Such as `capacity.max`; within the top level, an agent type, or a pool. */
  readonly key: string
  readonly at: 'top' | 'type' | 'pool'
  readonly form: 'text' | 'whole' | 'number' | 'switch'
  readonly summary: string
  readonly helpValue?: string
  /** Where it is not derived from the key. */
  readonly variable?: string
  /** Of which a person must give one. */
  readonly options?: readonly string[]
}

const secret = 'Reference such as env:NAME or file:PATH'

export const ownKeys: readonly OwnKey[] = [
  { key: 'owner', at: 'top', form: 'text', summary: 'Installation whose resources these are' },
  {
    key: 'endpoint',
    at: 'top',
    form: 'text',
    summary: 'Host, or host:port, of the Semaphore organization',
    helpValue: 'HOST',
    variable: 'SEMAPHORE_AGENT_ENDPOINT',
  },
  {
    key: 'no-https',
    at: 'top',
    form: 'switch',
    summary: 'Speak http to the endpoint',
    variable: 'SEMAPHORE_AGENT_NO_HTTPS',
  },
  { key: 'api-token', at: 'top', form: 'text', summary: `API token. ${secret}`, helpValue: 'REF' },
  {
    key: 'coordinator',
    at: 'top',
    form: 'text',
    summary: 'What several hosts share: an address without a password, or a reference such as env:NAME',
    helpValue: 'ADDRESS',
  },
  {
    key: 'stop-unservable-jobs',
    at: 'top',
    form: 'switch',
    summary: 'Stop a job at the hub once its attempts for a machine are spent; needs an API token',
  },
  {
    key: 'binding',
    at: 'type',
    form: 'text',
    summary: 'Whether each machine is made for one job or for any',
    options: ['job', 'queue'],
  },
  { key: 'provider', at: 'pool', form: 'text', summary: 'Cloud to make machines in', helpValue: 'NAME' },
  { key: 'capacity.max', at: 'pool', form: 'whole', summary: 'Most machines alive at once' },
  { key: 'capacity.min', at: 'pool', form: 'whole', summary: 'Fewest machines' },
  { key: 'capacity.idle', at: 'pool', form: 'whole', summary: 'Machines kept ready for jobs to come' },
  { key: 'capacity.scale-factor', at: 'pool', form: 'number', summary: 'Machines ready for each busy one' },
  {
    key: 'capacity.scale-down-after',
    at: 'pool',
    form: 'text',
    summary: 'How long a machine waits for any job',
    helpValue: 'DURATION',
  },
  { key: 'timeouts.boot', at: 'pool', form: 'text', summary: 'Longest boot', helpValue: 'DURATION' },
  { key: 'timeouts.agent', at: 'pool', form: 'text', summary: 'Longest registration', helpValue: 'DURATION' },
  {
    key: 'timeouts.idle',
    at: 'pool',
    form: 'text',
    summary: 'Longest wait for a job',
    helpValue: 'DURATION',
  },
  { key: 'timeouts.job', at: 'pool', form: 'text', summary: 'Longest job', helpValue: 'DURATION' },
  {
    key: 'timeouts.total',
    at: 'pool',
    form: 'text',
    summary: 'Longest life of a machine',
    helpValue: 'DURATION',
  },
  {
    key: 'hold-on-failure',
    at: 'pool',
    form: 'text',
    summary: 'How long a machine whose job or agent failed is kept for a look at it',
    helpValue: 'DURATION',
  },
  { key: 'attempts', at: 'pool', form: 'whole', summary: 'Failures that a job may cost' },
  { key: 'shared', at: 'pool', form: 'switch', summary: 'Several hosts launch into the pool' },
  {
    key: 'metadata',
    at: 'pool',
    form: 'text',
    summary: 'Whether jobs can reach the metadata service',
    options: ['guarded', 'open'],
  },
  { key: 'agent.binary', at: 'pool', form: 'text', summary: 'The agent, in the guest', helpValue: 'PATH' },
  { key: 'agent.download', at: 'pool', form: 'text', summary: 'Agent to download: version or URL' },
  { key: 'agent.sha256', at: 'pool', form: 'text', summary: 'Digest of that download', helpValue: 'HEX' },
  {
    key: 'hooks.shutdown',
    at: 'pool',
    form: 'text',
    summary: 'Your shutdown hook, in the guest',
    helpValue: 'PATH',
  },
]

/** `capacity.max` is the flag `--capacity-max`. */
export function flagOf({ key }: OwnKey): string {
  return key.replaceAll('.', '-')
}

/** `capacity.max` is the variable `AGENTCTL_CAPACITY_MAX`; the agent's own settings keep the agent's own names. */
export function variableOfKey(row: OwnKey): string {
  return row.variable ?? `AGENTCTL_${flagOf(row).toUpperCase().replaceAll('-', '_')}`
}
