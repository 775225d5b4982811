import type { Line } from './line.ts'

const BACKSLASH = 0x5c
/** What stands behind a backslash, and what it means: `\b` and `\f` are blanks here. */
const MEANING = new Uint8Array(256)
for (let byte = 0; byte < 256; byte++) MEANING[byte] = byte
for (const [letter, meaning] of [
  ['n', 0x0a],
  ['r', 0x0a],
  ['t', 0x20],
  ['b', 0x20],
  ['f', 0x20],
] as const)
  MEANING[letter.charCodeAt(0)] = meaning

/**
 * Appends the JSON string in bytes[start … end) without its escapes to the line's second buffer; returns where it begins there.
 * Characters beyond ASCII that are written as `\uXXXX` become `?`: they are part of a word, whichever they are.
 */
export function withoutEscapes(line: Line, bytes: Uint8Array, start: number, end: number): number {
  const from = line.used
  if (from + end - start > line.unescaped.length) {
    const larger = new Uint8Array(Math.max(2 * line.unescaped.length, from + end - start))
    larger.set(line.unescaped.subarray(0, from))
    line.unescaped = larger
  }
  const { unescaped } = line
  let to = from
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!
    if (byte !== BACKSLASH) unescaped[to++] = byte
    else if (bytes[++i] === 0x75) {
      const code = hex(bytes, i + 1, end)
      unescaped[to++] = code < 0x80 ? code : 0xc3
      i += 4
    } else unescaped[to++] = MEANING[bytes[i]!]!
  }
  line.used = to
  return from
}

function hex(bytes: Uint8Array, start: number, end: number): number {
  let code = 0
  for (let i = start; i < Math.min(start + 4, end); i++) {
    const byte = bytes[i]!
    code = code * 16 + (byte <= 0x39 ? byte - 0x30 : (byte | 0x20) - 0x57)
  }
  return code >= 0 ? code : 0x3f
}
