import { type ConnectHint, contractError } from '@agentctl/contract'
import type { Context } from './context.ts'
import { findInstance, instanceOf } from './instances.ts'
import { openSurvey } from './survey.ts'

/** The way onto an instance. @throws `unsupported` where its provider knows none */
export async function connectTo(context: Context, wanted: string): Promise<ConnectHint & { id: string }> {
  await using survey = await openSurvey(context)
  const view = await findInstance(context, survey, wanted)
  const { kind, id, scope } = instanceOf(view)
  const { provider } = view.launch
  const hint = survey.engine.providers.get(provider)?.connect?.({ kind, id, scope })
  if (hint) return { id, ...hint }
  throw contractError('unsupported', `The provider ${provider} knows no way onto its machines`, {
    hint: `agentctl instances console ${id} --follow shows what the machine says.`,
  })
}
