import { type Installation, owner } from './installation.ts'

const againMs = 1_000

/** A person who tells hosts to drain, again until it is heard. */
export function openDesk({ coordinator, sim, logOf }: Pick<Installation, 'coordinator' | 'sim' | 'logOf'>) {
  const { clock, cloud } = sim
  const { module } = coordinator.host()
  const deps = { owner, address: 'sim:', host: 'desk', version: '1.0.0', clock }
  /** What was said last of each host. */
  const wanted = new Map<string, boolean>()

  async function tell(host: string, isDraining: boolean): Promise<void> {
    while (wanted.get(host) === isDraining) {
      try {
        const life = await module.open({ ...deps, random: cloud.dice, log: logOf('desk') })
        await life.drain(host, isDraining)
        return
      } catch {
        await clock.sleep(againMs)
      }
    }
  }

  return {
    drain(host: string, isDraining: boolean): void {
      wanted.set(host, isDraining)
      void tell(host, isDraining)
    },
  }
}
