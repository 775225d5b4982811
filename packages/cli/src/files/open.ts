import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { FileError } from './file-error.ts'

/** Longest line that is read, characters. */
const MAX_LINE = 128 * 2 ** 20

/** The bytes of a file, decompressed when it is gzipped, whatever its name says. */
export async function openFile(path: string): Promise<Readable> {
  const magic = new Uint8Array(2)
  try {
    const handle = await open(path)
    await handle.read(magic, 0, 2, 0).finally(() => handle.close())
  } catch (error) {
    throw new FileError(path, undefined, `cannot be read (${reason(error)})`)
  }
  const file = createReadStream(path)
  // errors of either end surface to the reader of the last stream
  return magic[0] === 0x1f && magic[1] === 0x8b ? pipeline(file, createGunzip(), () => {}) : file
}

/** Lines of a text file with their numbers, from 1; empty ones are left out. */
export async function* lines(path: string): AsyncGenerator<{ text: string; line: number }> {
  const input = await openFile(path)
  let line = 0
  try {
    for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      line++
      if (text.length > MAX_LINE) throw new FileError(path, line, 'line is longer than 128 MiB')
      if (text.trim() !== '') yield { text, line }
    }
  } catch (error) {
    if (error instanceof FileError) throw error
    throw new FileError(path, line, `cannot be read further (${reason(error)})`)
  }
  // readline may end quietly when its input breaks
  if (input.errored !== null)
    throw new FileError(path, line, `cannot be read further (${reason(input.errored)})`)
}

export function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
