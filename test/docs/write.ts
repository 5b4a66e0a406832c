// Writes what is generated into docs/*.md: `npm run docs`.
import { readFileSync, writeFileSync } from 'node:fs'
import { filled } from './generated/index.ts'
import { pages } from './pages.ts'

for (const { file, path } of pages) {
  const text = readFileSync(path, 'utf8')
  const next = filled(text)
  if (next === text) continue
  writeFileSync(path, next)
  process.stdout.write(`written: ${file}\n`)
}
