/**
 * Every setting of `agent start`, as data.
 * Source: agent main.go (RunListener) and pkg/config/config.go, v2.4.0, read 2026-08.
 */

export type SettingType = 'string' | 'boolean' | 'seconds' | 'list'

/**
 * Whose a setting is: `user`'s, given per pool under `agent:`; `settings`, said once elsewhere in the configuration;
 * `agentctl`'s, which makes the value itself and refuses anybody else's.
 */
export type SettingOwner = 'user' | 'settings' | 'agentctl'

export interface AgentSetting {
  /** Key in config.yml; the flag is `--KEY`. */
  readonly key: string
  readonly type: SettingType
  /** What the agent does without it. */
  readonly default: string | boolean | number | readonly string[]
  /** First agent version that has it; undefined where it was always there. */
  readonly since?: string
  readonly owner: SettingOwner
  readonly summary: string
  /** What a value has to be, besides its type; `validate.ts` holds it. */
  readonly rule?: string
  /** Why a value from a person is refused here, and what to do instead. */
  readonly refusal?: string
}

export const agentSettings = [
  {
    key: 'config-file',
    type: 'string',
    default: '',
    owner: 'agentctl',
    summary: 'File that the agent reads its settings from',
    refusal: 'agentctl writes that file; put the settings under `agent:` of the pool',
  },
  {
    key: 'endpoint',
    type: 'string',
    default: '',
    owner: 'settings',
    summary: 'Host, or host:port, of the Semaphore organization',
    rule: 'host or host:port, without a scheme or a path',
    refusal: 'it belongs at the top level of the configuration',
  },
  {
    key: 'token',
    type: 'string',
    default: '',
    owner: 'settings',
    summary: 'Registration token of the agent type',
    rule: 'no spaces',
    refusal: 'it belongs to the agent type: `token:` under `agent-types:`, as a reference such as env:NAME',
  },
  {
    key: 'name',
    type: 'string',
    default: '',
    since: 'v2.1.9',
    owner: 'agentctl',
    summary: 'Name of the agent at the hub, unique in the organization',
    rule: '8 to 80 letters, digits and -_/+',
    refusal: 'agentctl names each agent after its launch, which is how it finds it again at the hub',
  },
  {
    key: 'name-from-env',
    type: 'string',
    default: '',
    since: 'v2.2.2',
    owner: 'agentctl',
    summary: 'Variable that holds the name',
    refusal: 'agentctl names each agent itself, and the agent reads this one only when it has no name',
  },
  {
    key: 'no-https',
    type: 'boolean',
    default: false,
    owner: 'settings',
    summary: 'Speak http to the endpoint',
    refusal: 'it belongs at the top level of the configuration',
  },
  {
    key: 'shutdown-hook-path',
    type: 'string',
    default: '',
    owner: 'agentctl',
    summary: 'Script that the agent runs when it shuts down',
    refusal:
      'agentctl needs the hook to learn why the agent ended; give yours as `hooks.shutdown` of the pool',
  },
  {
    key: 'pre-job-hook-path',
    type: 'string',
    default: '',
    since: 'v2.1.5',
    owner: 'user',
    summary: 'Script in the guest that runs before the commands of each job',
  },
  {
    key: 'post-job-hook-path',
    type: 'string',
    default: '',
    since: 'v2.2.5',
    owner: 'user',
    summary: 'Script in the guest that runs after each job',
  },
  {
    key: 'fail-on-pre-job-hook-error',
    type: 'boolean',
    default: false,
    since: 'v2.1.5',
    owner: 'user',
    summary: 'Fail the job when the pre-job hook fails',
  },
  {
    key: 'source-pre-job-hook',
    type: 'boolean',
    default: false,
    since: 'v2.2.4',
    owner: 'user',
    summary: 'Source the pre-job hook, so that its exports stay',
  },
  {
    key: 'disconnect-after-job',
    type: 'boolean',
    default: false,
    owner: 'agentctl',
    summary: 'End after one job',
    refusal: 'it is always true, as one machine runs one job',
  },
  {
    key: 'job-id',
    type: 'string',
    default: '',
    since: 'v2.2.14',
    owner: 'agentctl',
    summary: 'The only job that the agent takes',
    rule: 'UUID',
    refusal: 'agentctl gives each machine its job; name jobs with `provision --jobs`',
  },
  {
    key: 'disconnect-after-idle-timeout',
    type: 'seconds',
    default: 0,
    since: 'v2.0.18',
    owner: 'user',
    summary: 'Seconds without a job after which the agent ends',
    rule: '0 or more',
  },
  {
    key: 'interruption-grace-period',
    type: 'seconds',
    default: 0,
    since: 'v2.2.0',
    owner: 'user',
    summary: 'Seconds that a running job gets when the machine is interrupted',
    rule: '0 or more; on spot machines no longer than the notice of the cloud',
  },
  {
    key: 'env-vars',
    type: 'list',
    default: [],
    owner: 'user',
    summary: 'NAME=VALUE items exported into every job',
    rule: 'NAME=VALUE each, and no = in a value',
  },
  {
    key: 'files',
    type: 'list',
    default: [],
    owner: 'user',
    summary: 'HOSTPATH:CONTAINERPATH items mounted into Docker jobs',
    rule: 'HOSTPATH:CONTAINERPATH each, and no second :',
  },
  {
    key: 'fail-on-missing-files',
    type: 'boolean',
    default: false,
    owner: 'user',
    summary: 'Fail the job when one of the files is missing',
  },
  {
    key: 'upload-job-logs',
    type: 'string',
    default: 'never',
    since: 'v2.1.10',
    owner: 'user',
    summary: 'When to upload the log as an artifact: never, when-trimmed or always',
    rule: 'never, when-trimmed or always',
  },
  {
    key: 'kubernetes-executor',
    type: 'boolean',
    default: false,
    since: 'v2.2.0',
    owner: 'user',
    summary: 'Run each job in a Kubernetes pod',
  },
  {
    key: 'kubernetes-pod-spec',
    type: 'string',
    default: '',
    since: 'v2.2.2',
    owner: 'user',
    summary: 'ConfigMap that decorates the pods',
  },
  {
    key: 'kubernetes-allowed-images',
    type: 'list',
    default: [],
    since: 'v2.2.2',
    owner: 'user',
    summary: 'Regular expressions of the images that pods may use',
    rule: 'Go patterns: no look-around, no back-references',
  },
  {
    key: 'kubernetes-pod-start-timeout',
    type: 'seconds',
    default: 300,
    since: 'v2.2.0',
    owner: 'user',
    summary: 'Seconds to wait for a pod',
    rule: '0 or more',
  },
  {
    key: 'kubernetes-labels',
    type: 'list',
    default: [],
    since: 'v2.2.15',
    owner: 'user',
    summary: 'KEY=VALUE labels of what the executor creates',
    rule: 'KEY=VALUE each, with one =',
  },
  {
    key: 'kubernetes-default-image',
    type: 'string',
    default: '',
    since: 'v2.3.0',
    owner: 'user',
    summary: 'Image of jobs that name none',
  },
] as const satisfies readonly AgentSetting[]
