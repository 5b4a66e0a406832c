import type { Finding } from '@agentctl/contract'
import * as api from './api.ts'
import type { Context } from './context.ts'
import { toContractError } from './errors.ts'
import { hasImage, missingVariables } from './pull.ts'
import { type DockerSpec, toBytes } from './spec.ts'

type Info = Awaited<ReturnType<typeof api.engineInfo>>

/** Reads only: the engine, the image, the network, and what the spec asks of them. Rule P2. */
export async function preflight(
  context: Context,
  spec: DockerSpec,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const info = await api.engineInfo(context.engine, signal)
  return [
    engineFinding(info),
    ...limitFindings(info, spec),
    ...runtimeFindings(info, spec),
    await imageFinding(context, spec, signal),
    ...registryFindings(context, spec),
    ...(await networkFindings(context, spec, signal)),
  ]
}

function engineFinding({ ServerVersion, OSType, NCPU, MemTotal }: Info): Finding {
  const subject = 'engine'
  if (OSType !== 'linux') {
    const fix = 'Use an engine that runs Linux containers.'
    return { level: 'problem', subject, message: `runs ${OSType} containers`, fix }
  }
  const gigabytes = (MemTotal / 1024 ** 3).toFixed(1)
  return { level: 'ok', subject, message: `Docker ${ServerVersion}, ${NCPU} processors, ${gigabytes} GB` }
}

function limitFindings(info: Info, { cpus, memory }: DockerSpec): readonly Finding[] {
  const fix = 'Choose less, or use a larger machine for the engine.'
  const kernelFix = 'Enable the cgroup controllers of that machine, or take the limit out of the spec.'
  const checks: readonly (readonly [boolean, Finding])[] = [
    [
      cpus !== undefined && cpus > info.NCPU,
      { level: 'problem', subject: 'cpus', message: `the engine has ${info.NCPU} processors`, fix },
    ],
    [
      memory !== undefined && toBytes(memory) > info.MemTotal,
      { level: 'problem', subject: 'memory', message: 'is more than the engine has', fix },
    ],
    [
      memory !== undefined && !info.MemoryLimit,
      { level: 'warning', subject: 'memory', message: 'this engine does not limit memory', fix: kernelFix },
    ],
    [
      cpus !== undefined && !info.CpuCfsQuota,
      { level: 'warning', subject: 'cpus', message: 'this engine does not limit processors', fix: kernelFix },
    ],
    [
      !info.PidsLimit,
      {
        level: 'warning',
        subject: 'pids-limit',
        message: 'this engine does not limit processes',
        fix: kernelFix,
      },
    ],
  ]
  return checks.flatMap(([isSo, finding]) => (isSo ? [finding] : []))
}

function runtimeFindings({ Runtimes }: Info, { runtime }: DockerSpec): readonly Finding[] {
  if (runtime === undefined) return []
  const known = Object.keys(Runtimes ?? {})
  if (known.includes(runtime)) return [{ level: 'ok', subject: 'runtime', message: runtime }]
  const fix = `Choose one of ${known.join(', ')}, or install it on the machine of the engine.`
  return [{ level: 'problem', subject: 'runtime', message: `the engine has no ${runtime}`, fix }]
}

async function imageFinding(context: Context, spec: DockerSpec, signal: AbortSignal): Promise<Finding> {
  const { image, pull } = spec
  const subject = 'image'
  const isThere = await hasImage(context, image, signal)
  if (isThere && pull !== 'always') return { level: 'ok', subject, message: `${image} is there` }
  if (pull === 'never') {
    const fix = `Pull it (docker pull ${image}), or set pull: missing.`
    return { level: 'problem', subject, message: `${image} is not there`, fix }
  }
  const message = `${image} will be pulled by ${pull === 'always' ? 'each' : 'the first'} launch; whether it can is not known`
  return { level: 'unproven', subject, message, fix: `Pull it now: docker pull ${image}` }
}

function registryFindings({ env }: Context, { registry }: DockerSpec): readonly Finding[] {
  return missingVariables(registry, env).map(name => ({
    level: 'problem',
    subject: 'registry',
    message: `${name} is not set`,
    fix: `Set ${name}, which registry: of the spec names.`,
  }))
}

async function networkFindings(
  { engine }: Context,
  { network }: DockerSpec,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const subject = 'network'
  if (network === undefined) return []
  try {
    await api.inspectNetwork(engine, network, signal)
    return [{ level: 'ok', subject, message: `${network} is there` }]
  } catch (error) {
    const { code, message, hint } = toContractError(error, `network ${network}`)
    if (code !== 'invalid-spec') throw error
    return [{ level: 'problem', subject, message, ...(hint !== undefined && { fix: hint }) }]
  }
}
