// A real run on a terminal, as the picture of the README: `npm run picture`.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { framesOf, type Written } from './screen.ts'
import { svgOf } from './svg.ts'

const bin = fileURLToPath(new URL('../../bin/run.js', import.meta.url))
const file = fileURLToPath(new URL('../../docs/images/provision.svg', import.meta.url))
/** Tokens of a hub that lives for seconds. */
const words = [
  'dev hub --demo 6 --token demo --api-token demo-api',
  '-- agentctl provision --provider local --concurrency 3',
]

async function recorded(folder: string): Promise<readonly Written[]> {
  const { PATH = '' } = process.env
  const command = `stty cols 110 rows 50; '${process.execPath}' '${bin}' ${words.join(' ')}`
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd: folder,
    env: { PATH, HOME: folder, TERM: 'xterm', AGENTCTL_OWNER: 'acme-ci' },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const written: Written[] = [{ atMs: 0, text: `$ agentctl ${words[0]} \\\r\n    ${words[1]}\r\n` }]
  const startedAt = performance.now()
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    written.push({ atMs: Math.round(performance.now() - startedAt), text })
  })
  const code = await new Promise(resolve => child.on('close', resolve))
  if (code !== 0) throw new Error(`the run ended with ${code}:\n${written.map(({ text }) => text).join('')}`)
  return written
}

const folder = mkdtempSync(join(tmpdir(), 'agentctl-picture-'))
try {
  const frames = framesOf(await recorded(folder))
  writeFileSync(file, svgOf('Six queued jobs, each with an instance of its own, three at a time', frames))
  process.stdout.write(`${frames.length} moments are in ${file}\n${frames.at(-1)?.lines.join('\n')}\n`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
