import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { budgets } from './budgets.ts'

const script = fileURLToPath(new URL('./sbom.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'agentctl-materials-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface Materials {
  readonly bomFormat: string
  readonly metadata: { readonly component: { readonly name: string; readonly purl: string } }
  readonly components: readonly { readonly 'bom-ref': string }[]
}

describe('npm run sbom', () => {
  it('writes what each package is made of, and under which licences', async () => {
    await promisify(execFile)(process.execPath, [script, folder])
    const names = Object.keys(budgets)
    const found = names.map(name => {
      const at = join(folder, name.replace('@agentctl/', ''))
      const list: Materials = JSON.parse(readFileSync(`${at}.cdx.json`, 'utf8'))
      const { name: said, purl } = list.metadata.component
      expect([list.bomFormat, said, purl]).toEqual([
        'CycloneDX',
        name,
        expect.stringContaining(`pkg:npm/${name.replace('@', '%40')}@`),
      ])
      const refs = list.components.map(one => one['bom-ref'])
      const lines = readFileSync(`${at}.licences.txt`, 'utf8').trim().split('\n').filter(Boolean)
      // Our own packages are not among the licences: they have this repository's.
      const strangers = refs.filter(ref => !ref.includes('@agentctl/'))
      expect(lines.length).toBe(strangers.length)
      return [name, refs] as const
    })
    const materials = Object.fromEntries(found)
    expect(materials['@agentctl/contract']).toEqual([])
    expect(materials['@agentctl/provider-aws']).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^@aws-sdk\/client-ec2@/),
        expect.stringMatching(/^@agentctl\/contract@/),
      ]),
    )
    expect(ownIn(materials['@agentctl/cli'])).toEqual([
      '@agentctl/contract',
      '@agentctl/plugin-devkit',
      '@agentctl/provider-local',
    ])
  })
})

/** Our own packages, without their versions. */
function ownIn(refs: readonly string[] = []): readonly string[] {
  return refs
    .filter(ref => ref.startsWith('@agentctl/'))
    .map(ref => ref.replace(/@[^@]*$/, ''))
    .sort()
}
