import { messageOf } from '../../errors/message.ts'
import { type CapacityRunRequest, capacityRun } from '../../operations/capacity-run.ts'
import type { Context } from '../../operations/context.ts'
import { openMetricsFile } from './metrics-file.ts'

/** A run that tells a file for Prometheus, where one is given. A file that cannot be written stops no machine's launch. */
export async function meteredRun(
  context: Context,
  file: string | undefined,
  request: CapacityRunRequest,
): Promise<void> {
  if (file === undefined) return capacityRun(context, request)
  const metrics = openMetricsFile(file, context.effects.clock.now)
  const written = (writing: Promise<void>) =>
    writing.catch(error => context.log.warn('The metrics were not written', { why: messageOf(error) }))
  const told: CapacityRunRequest = {
    ...request,
    async onTick(tick, tookMs) {
      await request.onTick(tick, tookMs)
      await written(metrics.onTick(tick, tookMs))
    },
  }
  try {
    await capacityRun({ ...context, onCall: metrics.onCall }, told)
  } catch (error) {
    await written(metrics.onTrouble())
    throw error
  }
}
