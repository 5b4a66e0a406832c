import { stringify } from 'yaml'
import { entryLines } from './entry.ts'
import { type ContainerRespawn, capabilities, containerSecret } from './types.ts'

const runFolder = '/run/agentctl'

/**
 * A Docker Compose file. Compose restarts the same container, whose files would stay: so its root is read-only, and
 * what a job writes, its home too, goes to tmpfs mounts, which are empty after each restart.
 */
export function composeFile(respawn: ContainerRespawn): string {
  const { image, replicas, configFile, graceSeconds, agentPath, user } = respawn
  const script = entryLines({ agentPath, user, secretPath: containerSecret, runFolder, home: 'copied' }).join(
    '\n',
  )
  const agent = {
    image,
    user: 'root',
    // Compose takes a single dollar for a variable of its own.
    entrypoint: ['/bin/bash', '-c', script.replaceAll('$', '$$$$')],
    init: true,
    restart: 'always',
    stop_grace_period: `${graceSeconds + 90}s`,
    read_only: true,
    tmpfs: ['/tmp:exec,mode=1777', '/run:mode=0755', `${runFolder}:exec,mode=0755`],
    cap_drop: ['ALL'],
    cap_add: capabilities,
    security_opt: ['no-new-privileges:true'],
    deploy: { replicas },
    volumes: [`${configFile}:${containerSecret}:ro`],
  }
  const file = stringify({ services: { agent } }, { lineWidth: 0 })
  return `# A clean one-job agent after each job. ${configFile} must be root's alone: chmod 600.\n${file}`
}
