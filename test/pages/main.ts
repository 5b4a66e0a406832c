// Writes what the providers' pages take from the code: `npm run pages`.
import { writeFileSync } from 'node:fs'
import { pageOf, providers } from './providers.ts'

for (const name of providers) {
  const { file, text, made } = await pageOf(name)
  if (text === made) continue
  writeFileSync(file, made)
  process.stdout.write(`${file} is written anew.\n`)
}
