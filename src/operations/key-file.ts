import { open, rename, rm, writeFile } from 'node:fs/promises'
import { contractError } from '@agentctl/contract'

/** A file for a key that can be read once: made before the key is, so that no key is made in vain. */
export interface KeyFile extends AsyncDisposable {
  /** For the user alone; what was there before gets the ending `.old`. */
  write(text: string): Promise<void>
}

/** @throws `invalid-spec` where nothing can be written. Nothing is left there unless `write` was called. */
export async function openKeyFile(path: string): Promise<KeyFile> {
  const isNew = await make(path)
  let isWritten = false
  return {
    async write(text) {
      if (isNew) await rm(path)
      else await rename(path, `${path}.old`)
      await writeFile(path, text, { mode: 0o600, flag: 'wx' })
      isWritten = true
    },
    async [Symbol.asyncDispose]() {
      if (isNew && !isWritten) await rm(path, { force: true })
    },
  }
}

async function make(path: string): Promise<boolean> {
  try {
    await (await open(path, 'wx', 0o600)).close()
    return true
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    if (code === 'EEXIST') return false
    throw contractError('invalid-spec', `The key file ${path} cannot be written: ${code}`, {
      hint: 'Name one in a folder that is there and that you can write to.',
      cause,
    })
  }
}
