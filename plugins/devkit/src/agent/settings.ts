/**
 * Every setting of `agent start`. The flag is `--KEY`, the key in the file `KEY`, the variable SEMAPHORE_AGENT_KEY in
 * capitals with `_` for `-`. `config-file` exists as a flag only.
 * Source: semaphoreci/agent main.go RunListener and pkg/config/config.go, v2.4.0, 2026-02.
 */
export const settings = [
  text('config-file', 'a YAML or JSON file with settings'),
  text('endpoint', 'where agents register: host or host:port, without a scheme'),
  text('token', 'the registration token of the agent type'),
  text('name', 'the name of the agent; a random one unless given'),
  text('name-from-env', 'the environment variable that holds the name'),
  flag('no-https', 'speak http'),
  text('shutdown-hook-path', 'a script to run after disconnecting'),
  text('pre-job-hook-path', 'a script to run before the commands of each job'),
  text('post-job-hook-path', 'a script to run after the commands of each job'),
  flag('fail-on-pre-job-hook-error', 'a failing pre-job hook fails the job'),
  flag('source-pre-job-hook', "run the pre-job hook in the job's own shell"),
  flag('disconnect-after-job', 'run one job and leave'),
  text('job-id', 'the only job to run; needs disconnect-after-job'),
  whole('disconnect-after-idle-timeout', 0, 'seconds without a job before leaving; 0 is never'),
  whole('interruption-grace-period', 0, 'seconds a job may go on after a SIGTERM'),
  list('env-vars', 'NAME=VALUE for every job'),
  list('files', 'HOSTPATH:CONTAINERPATH for docker compose jobs'),
  flag('fail-on-missing-files', 'a missing one of `files` fails the job'),
  text('upload-job-logs', 'never, when-trimmed or always', 'never'),
  flag('kubernetes-executor', 'run each job in a pod'),
  text('kubernetes-pod-spec', 'a config map that decorates the pod'),
  list('kubernetes-allowed-images', 'expressions for the images a pod may use'),
  whole('kubernetes-pod-start-timeout', 300, 'seconds to wait for the pod'),
  list('kubernetes-labels', 'KEY=VALUE on what is created in the cluster'),
  text('kubernetes-default-image', 'the image when the job names no container'),
] as const satisfies readonly Setting[]

export type Setting =
  | { readonly kind: 'text'; readonly key: string; readonly standard: string; readonly help: string }
  | { readonly kind: 'flag'; readonly key: string; readonly standard: false; readonly help: string }
  | { readonly kind: 'whole'; readonly key: string; readonly standard: number; readonly help: string }
  | {
      readonly kind: 'list'
      readonly key: string
      readonly standard: readonly string[]
      readonly help: string
    }

export const uploadConditions = ['never', 'always', 'when-trimmed'] as const

export function variableOf(key: string): string {
  return `SEMAPHORE_AGENT_${key.toUpperCase().replaceAll('-', '_')}`
}

function text<const Key extends string>(key: Key, help: string, standard = '') {
  return { kind: 'text', key, standard, help } as const
}

function flag<const Key extends string>(key: Key, help: string) {
  return { kind: 'flag', key, standard: false, help } as const
}

function whole<const Key extends string>(key: Key, standard: number, help: string) {
  return { kind: 'whole', key, standard, help } as const
}

function list<const Key extends string>(key: Key, help: string) {
  return { kind: 'list', key, standard: [] as readonly string[], help } as const
}

type Entry = (typeof settings)[number]
type KeyOf<Kind extends Setting['kind']> = Extract<Entry, { kind: Kind }>['key']

/** All settings with a value each. */
export type Values = { readonly [Key in KeyOf<'text'>]: string } & {
  readonly [Key in KeyOf<'flag'>]: boolean
} & {
  readonly [Key in KeyOf<'whole'>]: number
} & { readonly [Key in KeyOf<'list'>]: readonly string[] }
