import type { Finding, Market } from '@agentctl/contract'
import { toContractError } from './errors.ts'
import type { InstanceType, Reading } from './reads.ts'

/** vCPUs of the standard families A, C, D, H, I, M, R, T and Z. Source: EC2 user guide, "Service quotas", 2026-11. */
const quotaCodes: Readonly<Record<Market, string>> = { 'on-demand': 'L-1216C47A', spot: 'L-34B43A08' }
const standard = /^[acdhimrtz]\d/

/** The vCPUs that the account may run at once, against the largest machine of the pool. */
export async function quotaFindings(
  { context, spec, signal }: Reading,
  types: ReadonlyMap<string, InstanceType>,
): Promise<readonly Finding[]> {
  const sizes = spec.types.filter(name => standard.test(name)).map(name => types.get(name)?.vcpus ?? 0)
  const largest = Math.max(0, ...sizes)
  if (largest === 0) return []
  const quotas = await context.clients.quotas(spec.region)
  const ask = async (market: Market): Promise<Finding> => {
    const input = { ServiceCode: 'ec2', QuotaCode: quotaCodes[market] }
    try {
      const { Quota } = await quotas.getServiceQuota(input, { abortSignal: signal })
      return findingOf(market, Quota?.Value, largest)
    } catch (error) {
      const { message, fault = message } = toContractError(error, 'the look at quotas')
      return { level: 'unproven', subject: 'quota', message: `${market} vCPUs: ${fault}` }
    }
  }
  return Promise.all([...new Set(spec.market)].map(ask))
}

function findingOf(market: Market, limit: number | undefined, largest: number): Finding {
  const subject = 'quota'
  if (limit === undefined)
    return { level: 'unproven', subject, message: `${market} vCPUs: AWS tells no limit` }
  if (limit >= largest) {
    const count = Math.floor(limit / largest)
    return {
      level: 'ok',
      subject,
      message: `${limit} ${market} vCPUs: ${count} machines of ${largest} at once`,
    }
  }
  const fix = `Ask for more: aws service-quotas request-service-quota-increase --quota-code ${quotaCodes[market]}.`
  return {
    level: 'problem',
    subject,
    message: `${limit} ${market} vCPUs, and one machine has ${largest}`,
    fix,
    code: 'quota-exceeded',
  }
}
