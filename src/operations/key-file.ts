import { type FileHandle, link, open, rename, rm } from 'node:fs/promises'
import { contractError } from '@agentctl/contract'
import { pid } from '../effects/process.ts'

/** A file for a key that can be read once: shown to be writable before the key is made, so that none is in vain. */
export interface KeyFile extends AsyncDisposable {
  /** For the user alone, whole or not at all; what was there before stays beside it with the ending `.old`. */
  write(text: string): Promise<void>
}

/** @throws `invalid-spec` where nothing can be written. Nothing is left there unless `write` was called. */
export async function openKeyFile(path: string): Promise<KeyFile> {
  const fresh = `${path}.${pid}.new`
  const handle = await make(path, fresh)
  return {
    async write(text) {
      await handle.writeFile(text)
      await handle.sync()
      await keepOld(path)
      await rename(fresh, path)
    },
    async [Symbol.asyncDispose]() {
      await handle.close()
      await rm(fresh, { force: true })
    },
  }
}

async function make(path: string, fresh: string): Promise<FileHandle> {
  try {
    return await open(fresh, 'wx', 0o600)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw contractError('invalid-spec', `The key file ${path} cannot be written: ${code}`, {
      hint: 'Name one in a folder that is there and that you can write to.',
      cause,
    })
  }
}

async function keepOld(path: string): Promise<void> {
  await rm(`${path}.old`, { force: true })
  await link(path, `${path}.old`).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
}
