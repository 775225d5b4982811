const [DOUBLE, SINGLE, BACKSLASH] = [0x22, 0x27, 0x5c]
const CLOSES: Readonly<Record<number, number>> = { 123: 0x7d, 91: 0x5d, 60: 0x3e }
/** A single quote closes within so many bytes, else it is an apostrophe. */
const MAX_SINGLE = 128
/** Brackets of names and lists close within so many bytes: looking further for each of many would take long. */
const MAX_BRACKET = 256
const BRACE = 0x7b

/** Where the quote that opens at `at` closes, or -1. */
export function closingQuote(bytes: Uint8Array, at: number, end: number): number {
  const quote = bytes[at]!
  const limit = quote === SINGLE ? Math.min(end, at + MAX_SINGLE) : end
  for (let i = at + 1; i < limit; i++) {
    if (bytes[i] === BACKSLASH) i++
    else if (bytes[i] === quote && (quote === DOUBLE || !isLetter(bytes, i + 1, end))) return i
  }
  return -1
}

function isLetter(bytes: Uint8Array, at: number, end: number): boolean {
  if (at >= end) return false
  const byte = bytes[at]! | 0x20
  return byte >= 0x61 && byte <= 0x7a
}

/** Where the bracket that opens at `at` closes, those of its kind within it left aside, or -1. */
export function closingBracket(bytes: Uint8Array, at: number, end: number): number {
  const open = bytes[at]!
  const close = CLOSES[open]!
  // what follows an open brace is a value to its end: it is looked for once
  const limit = open === BRACE ? end : Math.min(end, at + MAX_BRACKET)
  let depth = 0
  for (let i = at; i < limit; i++) {
    if (bytes[i] === open) depth++
    else if (bytes[i] === close && --depth === 0) return i
  }
  return -1
}
