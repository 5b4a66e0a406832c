// Writes what the README and the providers' pages take from the code and from the pages of figures: `npm run pages`.
import { writeFileSync } from 'node:fs'
import { pageOf, providers } from './providers.ts'
import { readmePage } from './readme.ts'

for (const page of [readmePage(), ...providers.map(pageOf)]) {
  const { file, text, made } = await page
  if (text === made) continue
  writeFileSync(file, made)
  process.stdout.write(`${file} is written anew.\n`)
}
