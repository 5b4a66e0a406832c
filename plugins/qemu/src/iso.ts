/** A file of the image's one folder. */
export interface IsoFile {
  /** Of `[a-z0-9-]`: Linux shows the names of plain ISO 9660 in lower case. */
  readonly name: string
  readonly bytes: Uint8Array
}

const sectorBytes = 2048
/** What looks for a label may read the first 68 KiB of a disk at once, and skip one that is shorter. Unit: sectors. */
const sectorsMin = 64
/** Where things lie. Unit: sectors. */
const at = {
  descriptor: 16,
  terminator: 17,
  pathTable: 18,
  pathTableBigEndian: 19,
  root: 20,
  files: 21,
} as const

/**
 * A plain ISO 9660 image. Written here, so that no program besides QEMU is needed and the secrets in it pass through no
 * second file and no argument. Equal input makes equal bytes. Pure.
 * Source: ECMA-119, 4th edition, sections 6.8, 7, 8.4, 9.1 and 9.4.
 */
export function isoImage(label: string, files: readonly IsoFile[]): Uint8Array {
  const sorted = [...files].sort((a, b) => (a.name < b.name ? -1 : 1))
  let next = at.files as number
  const placed = sorted.map(file => {
    const sector = next
    next += Math.ceil(file.bytes.length / sectorBytes)
    return { ...file, sector }
  })
  const sectors = Math.max(next, sectorsMin)
  const image = Buffer.alloc(sectors * sectorBytes)
  const put = (sector: number, bytes: Uint8Array) => image.set(bytes, sector * sectorBytes)
  const root = folderRecord('\0')
  put(at.descriptor, descriptor(label, sectors, root))
  put(at.terminator, Buffer.from('\u{ff}CD001\u{1}', 'latin1'))
  put(at.pathTable, pathTable(false))
  put(at.pathTableBigEndian, pathTable(true))
  const entries = placed.map(({ name, bytes, sector }) =>
    record({ name: `${name.toUpperCase()}.;1`, sector, size: bytes.length, isFolder: false }),
  )
  put(at.root, Buffer.concat([root, folderRecord('\u{1}'), ...entries]))
  for (const { sector, bytes } of placed) put(sector, bytes)
  return image
}

/** Every number stands there twice, in both byte orders. */
function both32(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt32LE(value, 0)
  bytes.writeUInt32BE(value, 4)
  return bytes
}

function both16(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt16LE(value, 0)
  bytes.writeUInt16BE(value, 2)
  return bytes
}

interface Entry {
  readonly name: string
  readonly sector: number
  readonly size: number
  readonly isFolder: boolean
}

function record({ name, sector, size, isFolder }: Entry): Buffer {
  const length = 33 + name.length + (name.length % 2 === 0 ? 1 : 0)
  const bytes = Buffer.alloc(length)
  bytes[0] = length
  bytes.set(both32(sector), 2)
  bytes.set(both32(size), 10)
  bytes[25] = isFolder ? 2 : 0
  bytes.set(both16(1), 28)
  bytes[32] = name.length
  bytes.write(name, 33, 'latin1')
  return bytes
}

function folderRecord(name: string): Buffer {
  return record({ name, sector: at.root, size: sectorBytes, isFolder: true })
}

/** The root folder alone: 10 bytes. */
function pathTable(isBigEndian: boolean): Buffer {
  const bytes = Buffer.alloc(10)
  bytes[0] = 1
  if (isBigEndian) bytes.writeUInt32BE(at.root, 2)
  else bytes.writeUInt32LE(at.root, 2)
  bytes[isBigEndian ? 7 : 6] = 1
  return bytes
}

function descriptor(label: string, sectors: number, root: Buffer): Buffer {
  const bytes = Buffer.alloc(sectorBytes)
  bytes.write('\u{1}CD001\u{1}', 0, 'latin1')
  // Text fields are filled with spaces, dates with zeros, which says that none is given.
  bytes.fill(' ', 8, 72)
  bytes.fill(' ', 190, 813)
  for (const date of [813, 830, 847, 864]) bytes.fill('0', date, date + 16)
  bytes.write(label, 40, 'latin1')
  bytes.set(both32(sectors), 80)
  bytes.set(both16(1), 120)
  bytes.set(both16(1), 124)
  bytes.set(both16(sectorBytes), 128)
  bytes.set(both32(10), 132)
  bytes.writeUInt32LE(at.pathTable, 140)
  bytes.writeUInt32BE(at.pathTableBigEndian, 148)
  bytes.set(root, 156)
  bytes[881] = 1
  return bytes
}
