// Makes the pictures of docs/images anew: `npm run pictures`. Needs tmux and Chromium, and takes a few minutes.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pagePictures } from './page.ts'
import { terminalPictures } from './terminal.ts'

const folder = join(fileURLToPath(new URL('../..', import.meta.url)), 'docs/images')
mkdirSync(folder, { recursive: true })
await terminalPictures(folder)
await pagePictures(folder)
