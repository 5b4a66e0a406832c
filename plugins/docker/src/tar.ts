/** A file, or with a slash at the end and no data a folder. Owned by root. */
export interface TarEntry {
  /** Relative, at most 100 bytes of ASCII. */
  readonly path: string
  readonly mode: number
  readonly data?: Uint8Array
}

const blockBytes = 512

/** A tar archive (ustar). Pure. */
export function tarOf(entries: readonly TarEntry[]): Uint8Array {
  const blocks = entries.flatMap(entry => [header(entry), padded(entry.data ?? new Uint8Array())])
  return Buffer.concat([...blocks, Buffer.alloc(2 * blockBytes)])
}

function header({ path, mode, data }: TarEntry): Buffer {
  const block = Buffer.alloc(blockBytes)
  const put = (text: string, at: number) => block.write(text, at, 'ascii')
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, '0')
  put(path, 0)
  put(octal(mode, 7), 100)
  put(octal(0, 7), 108)
  put(octal(0, 7), 116)
  put(octal(data?.byteLength ?? 0, 11), 124)
  put(octal(0, 11), 136)
  // The sum is made with its own field full of spaces.
  put(' '.repeat(8), 148)
  put(data ? '0' : '5', 156)
  put('ustar\x0000', 257)
  const sum = block.reduce((total, byte) => total + byte, 0)
  put(`${octal(sum, 6)}\0 `, 148)
  return block
}

function padded(data: Uint8Array): Buffer {
  return Buffer.concat([data, Buffer.alloc((blockBytes - (data.byteLength % blockBytes)) % blockBytes)])
}
