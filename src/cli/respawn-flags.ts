import { Flags } from '@oclif/core'

/** What `agent compose` and `agent unit` both ask for. */
export const respawnFlags = {
  'config-yml': Flags.string({
    summary: "The agent's config.yml on the host, root's alone; `agent config` prints one",
    default: '/etc/semaphore-agent/config.yml',
    helpValue: 'PATH',
  }),
  'agent-path': Flags.string({
    summary: 'The agent, in the container or on the host',
    default: '/opt/semaphore/agent/agent',
    helpValue: 'PATH',
  }),
  user: Flags.string({
    summary: 'User that the agent and its jobs run as',
    default: 'semaphore',
    helpValue: 'NAME',
  }),
}
