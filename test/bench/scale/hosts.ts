import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeRecords } from '../../../src/providers/records.ts'
import { type Home, newHome, type Running, start, until } from '../../support/cli.ts'
import { writePlugin } from '../../support/plugin.ts'
import { configOf, type Load, secretsOf } from './load.ts'

const provider = fileURLToPath(new URL('./provider.ts', import.meta.url))

export interface Host extends AsyncDisposable {
  readonly pid: number
  /** Of `/metrics`. */
  metrics(): Promise<string>
}

/** The real command line as one host of many: `agentctl capacity serve`, in a home of its own. */
export async function startHost(load: Load, world: string, database: string, index: number): Promise<Host> {
  const home = newHome({
    ...secretsOf(load),
    AGENTCTL_OWNER: load.owner,
    AGENTCTL_COORDINATOR: 'env:BENCH_DATABASE',
    AGENTCTL_HOST: `host-${index}`,
    BENCH_DATABASE: database,
    ...(process.env.BENCH_NODE_OPTIONS && { NODE_OPTIONS: process.env.BENCH_NODE_OPTIONS }),
  })
  await linkProvider(home)
  writeFileSync(join(home.folder, 'agentctl.yml'), configOf(load, world))
  const running = start(home, 'capacity', 'serve', '--listen', '127.0.0.1:0')
  try {
    await until(`host ${index} listens`, () => listening(running) !== undefined, 60_000)
  } catch (error) {
    throw new Error(`host ${index}: ${running.output()}`, { cause: error })
  }
  return {
    pid: running.child.pid ?? 0,
    async metrics() {
      try {
        return await (await fetch(`${listening(running)}/metrics`)).text()
      } catch (cause) {
        throw new Error(`host ${index} does not answer: ${running.output().slice(-2_000)}`, { cause })
      }
    },
    async [Symbol.asyncDispose]() {
      running.child.kill('SIGTERM')
      const late = setTimeout(() => running.child.kill('SIGKILL'), 20_000)
      await running.ended
      clearTimeout(late)
      home[Symbol.dispose]()
    },
  }
}

function listening({ output }: Running): string | undefined {
  return /(http:\S+)\/metrics/.exec(output())?.[1]
}

async function linkProvider({ folder }: Home): Promise<void> {
  const plugin = { name: 'provider-bench', version: '1.0.0', provider: 'bench' }
  const entry = `export { default } from ${JSON.stringify(provider)}\n`
  const root = writePlugin(join(folder, 'provider-bench'), { ...plugin, entry })
  await writeRecords(join(folder, '.local/share/agentctl'), [{ name: plugin.name, type: 'link', root }])
}
