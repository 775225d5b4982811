import { open, stat } from 'node:fs/promises'
import { FileError } from '../files/file-error.ts'
import { openFile, reason } from '../files/open.ts'

/** The first line of a file must end within so much. */
const MAX_HEAD = 64 * 2 ** 20

export interface FileHead {
  /** The first line with something on it, and its number; undefined: the file is empty. */
  readonly first: { readonly text: string; readonly line: number } | undefined
  /** Up to two further lines. */
  readonly further: readonly string[]
  /** Size when decompressed. */
  readonly bytes: number
}

/** The beginning of a text file, decompressed where it is gzipped. Throws FileError. */
export async function fileHead(path: string): Promise<FileHead> {
  const lines = await firstLines(path)
  const at = lines.findIndex((text) => text.trim() !== '')
  const first = at < 0 ? undefined : { text: lines[at] ?? '', line: at + 1 }
  return { first, further: at < 0 ? [] : lines.slice(at + 1, at + 3), bytes: await textSize(path) }
}

async function firstLines(path: string): Promise<string[]> {
  const decoder = new TextDecoder()
  let text = ''
  try {
    for await (const chunk of (await openFile(path)) as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true })
      if (text.length > MAX_HEAD || text.trimStart().split('\n', 4).length > 3) break
    }
  } catch (error) {
    if (error instanceof FileError) throw error
    throw new FileError(path, undefined, `cannot be read (${reason(error)})`)
  }
  return text.split(/\r?\n/)
}

/** A gzip file ends with the size of what it holds (modulo 4 GiB; of its last member). */
async function textSize(path: string): Promise<number> {
  const { size } = await stat(path)
  const handle = await open(path)
  try {
    const magic = new Uint8Array(2)
    await handle.read(magic, 0, 2, 0)
    if (magic[0] !== 0x1f || magic[1] !== 0x8b || size < 18) return size
    const tail = new DataView(new ArrayBuffer(4))
    await handle.read(tail, 0, 4, size - 4)
    return Math.max(size, tail.getUint32(0, true))
  } finally {
    await handle.close()
  }
}
