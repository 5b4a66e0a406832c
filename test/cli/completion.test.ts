import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run, until } from '../support/cli.ts'
import { newRound, type Round } from '../support/round.ts'

const bin = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

/** How each shell is started with nothing of its user's, and told of the completion. */
const shells = {
  bash: { start: 'bash --norc --noprofile -i', source: 'source <(agentctl completion bash)' },
  zsh: {
    start: 'zsh -f -i',
    source: 'autoload -Uz compinit; compinit -u -D; source <(agentctl completion zsh)',
  },
  fish: { start: 'fish --no-config -i', source: 'agentctl completion fish | source' },
} as const

let round: Round
let instance = ''

beforeAll(async () => {
  round = await newRound({ jobs: [{ name: 'long', commands: ['sleep 600'] }] })
  const { home } = round
  writeFileSync(
    join(home.folder, 'agentctl.yml'),
    `pools:
  linux-spot: { provider: local, spec: {} }
  mac-mini: { provider: local, spec: {} }
agent-types:
  s1-local: { pools: [linux-spot, mac-mini] }
`,
  )
  delete home.env.AGENTCTL_PROVIDER
  delete home.env.AGENTCTL_AGENT_TYPE
  // The real one for what the scripts ask of it; of what a person has it run, its words are enough.
  const folder = join(home.folder, 'bin')
  mkdirSync(folder)
  const script = `#!/bin/sh
case $1 in complet*) exec '${process.execPath}' '${bin}' "$@" ;; esac
printf 'ran:'; printf ' [%s]' "$@"; echo
`
  writeFileSync(join(folder, 'agentctl'), script)
  chmodSync(join(folder, 'agentctl'), 0o755)
  home.env.PATH = `${folder}:${home.env.PATH}`

  const { code, stderr } = await run(home, 'provision', '--count', '1', '--detach')
  expect(code, stderr).toBe(0)
  const list = await run(home, 'instances', 'list', '--json')
  instance = JSON.parse(list.stdout).instances[0].id
}, 60_000)

afterAll(async () => {
  await run(round.home, 'instances', 'terminate', '--all')
  await round[Symbol.asyncDispose]()
}, 60_000)

async function complete(...words: readonly string[]): Promise<readonly string[]> {
  const { stdout, code, stderr } = await run(round.home, 'complete', '--', ...words)
  expect([code, stderr]).toEqual([0, ''])
  return stdout.split('\n').flatMap(line => line.split('\t', 1).filter(Boolean))
}

describe('completion knows', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['commands', ['prov'], ['providers', 'provision']],
    ['commands of a topic', ['instances', 't'], ['terminate']],
    ['flags', ['reap', '--dry'], ['--dry-run']],
    ['no flag twice', ['reap', '--dry-run', '--dry'], []],
    ['values of a flag', ['provision', '--binding', ''], ['job', 'queue']],
    ['pools', ['provision', '--pool', ''], ['linux-spot', 'mac-mini']],
    ['pools after an equals sign', ['provision', '--pool=l'], ['--pool=linux-spot']],
    ['pools after an equals sign as bash has it', ['provision', '--pool', '=', 'm'], ['mac-mini']],
    ['agent types', ['provision', '--agent-type', ''], ['s1-local']],
    ['agent types as an argument', ['agent-type', 'show', ''], ['s1-local']],
    ['providers', ['providers', 'show', 'a'], ['aws', 'azure']],
    ['commands of help', ['help', 'capacity', 'r'], ['run']],
    ['commands of plugins', ['dev', 'pro'], ['provider']],
    ['nothing where a file is meant', ['reap', '--config', ''], []],
    ['nothing of a hidden command', ['comp'], ['completion']],
  ])('%s', async (_, words, expected) => {
    expect(await complete(...words)).toEqual(expected)
  })

  it('instances, as often as a command takes them', async () => {
    expect(await complete('instances', 'show', '')).toEqual([instance])
    expect(await complete('instances', 'terminate', 'one', instance.slice(0, 4))).toEqual([instance])
  })

  it('nothing, and fails in silence, where the configuration is wrong', async () => {
    const config = join(round.home.folder, 'wrong.yml')
    writeFileSync(config, 'pools: 7\n')
    expect(await complete('provision', '--config', config, '--pool', '')).toEqual([])
  })
})

/** A person at a terminal. */
class Typist implements Disposable {
  output = ''
  private readonly child: ChildProcess

  constructor(start: string) {
    this.child = spawn('script', ['-qec', `stty cols 200 rows 50; exec ${start}`, '/dev/null'], {
      cwd: round.home.folder,
      env: { ...round.home.env, TERM: 'xterm', PS1: '$ ' },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.child.stdout?.setEncoding('utf8').on('data', text => {
      this.output += text
    })
  }

  type(text: string): void {
    this.child.stdin?.write(text)
  }

  async sees(words: string): Promise<void> {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours and cursor moves are what is taken out
    const plain = () => this.output.replaceAll(/\x1b(\[[?>=\d;]*[a-zA-Z]|[()>=]\w?|\][^\x07]*\x07)/g, '')
    await until(`${words} in\n${this.output.slice(-2000)}`, () => plain().includes(words), 30_000)
  }

  [Symbol.dispose](): void {
    this.child.kill('SIGKILL')
  }
}

describe.each(Object.entries(shells))('in %s', (name, { start, source }) => {
  const isThere = spawnSync(name, ['--version']).status === 0

  it('the tab key completes a command, a pool, a provider and an instance', { timeout: 120_000 }, async ({
    skip,
  }) => {
    if (!isThere && !process.env.CI) skip(`needs ${name}`)
    using typist = new Typist(start)
    typist.type(`${source}; echo read''y\r`)
    await typist.sees('ready')
    for (const [typed, ran] of [
      ['instances sho', '[instances] [show]'],
      ['provision --pool linux-s', '[provision] [--pool] [linux-spot]'],
      ['provision --pool=mac', '[provision] [--pool=mac-mini]'],
      ['providers show lo', '[providers] [show] [local]'],
      [`instances show ${instance.slice(0, 3)}`, `[instances] [show] [${instance}]`],
    ] as const) {
      typist.type(`agentctl ${typed}\t\r`)
      await typist.sees(`ran: ${ran}\r`)
    }
  })
})
