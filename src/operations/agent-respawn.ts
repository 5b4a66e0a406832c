import { composeFile } from '../bootstrap/respawn/compose.ts'
import type { ContainerRespawn } from '../bootstrap/respawn/types.ts'
import { containerUnit, processUnit } from '../bootstrap/respawn/unit.ts'
import { type LoadInput, loadSettings } from '../config/index.ts'

export interface RespawnRequest extends Omit<ContainerRespawn, 'image' | 'graceSeconds'> {
  readonly image: string | undefined
  readonly form: 'compose' | 'unit'
}

export interface RespawnFile {
  readonly text: string
  /** Name that the file should get. */
  readonly file: string
}

/** The text of a respawning set-up; the grace is the pool's `interruption-grace-period`. */
export async function respawnFile(request: RespawnRequest, input: LoadInput): Promise<RespawnFile> {
  const { settings } = await loadSettings({ ...input, needsEndpoint: false, needsPools: false })
  const [pool] = Object.values(settings.pools)
  const graceSeconds = pool?.agent['interruption-grace-period'] ?? 0
  const { image, form, ...rest } = request
  if (image === undefined)
    return { text: processUnit({ ...rest, graceSeconds }), file: 'semaphore-agent@.service' }
  const respawn = { ...rest, image, graceSeconds }
  return form === 'compose'
    ? { text: composeFile(respawn), file: 'compose.yaml' }
    : { text: containerUnit(respawn), file: 'semaphore-agent@.service' }
}
