/** What a byte of UTF-8 does in a log line. */
export const Char = {
  space: 0,
  newline: 1,
  /** Letters, digits, `_` and all beyond ASCII: what pieces are made of. */
  word: 2,
  /** Punctuation that may stand within a name, an address or a path. */
  joint: 3,
  /** Punctuation that ends those. */
  break: 4,
  quote: 5,
  /** `{`, `[`, `<`. */
  open: 6,
} as const

/** Bits of the bytes that pieces are made of. */
export const Has = {
  digit: 1,
  /** a to f, in either case. */
  hexLetter: 2,
  otherLetter: 4,
  upper: 8,
  lower: 16,
  /** Not in the alphabet of the suffixes that Kubernetes gives to pods: consonants and seven digits. */
  notInSuffix: 32,
} as const

/** Char of each byte. */
export const CHARS = new Uint8Array(256)
/** Bits of each byte. */
export const BITS = new Uint8Array(256)

const codes = (text: string) => Array.from(text, (letter) => letter.charCodeAt(0))

for (let byte = 0; byte < 256; byte++) {
  const letter = String.fromCharCode(byte)
  if (byte <= 0x20) CHARS[byte] = Char.space
  else if (byte >= 0x80 || /\w/.test(letter)) CHARS[byte] = Char.word
  else CHARS[byte] = Char.joint
  let bits = 0
  if (/[0-9]/.test(letter)) bits |= Has.digit
  else if (/[a-f]/i.test(letter)) bits |= Has.hexLetter
  else bits |= Has.otherLetter
  if (/[A-Z]/.test(letter)) bits |= Has.upper
  if (/[a-z]/.test(letter)) bits |= Has.lower
  if (!/[bcdfghjklmnpqrstvwxz2456789]/.test(letter)) bits |= Has.notInSuffix
  BITS[byte] = bits
}
for (const byte of codes('\n\r')) CHARS[byte] = Char.newline
for (const byte of codes('=,;|()>}]`')) CHARS[byte] = Char.break
for (const byte of codes('"\'')) CHARS[byte] = Char.quote
for (const byte of codes('{[<')) CHARS[byte] = Char.open

export const FNV_SEED = 0x811c9dc5
export const FNV_PRIME = 0x01000193

/** FNV-1a of a range of bytes: the number of a token. */
export function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = FNV_SEED
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, FNV_PRIME)
  return hash
}

/** The same of ASCII text. */
export function hashOfText(text: string): number {
  return hashOf(Uint8Array.from(codes(text)), 0, text.length)
}
