import { BITS, CHARS, Char, FNV_PRIME, FNV_SEED } from './characters.ts'
import { closingBracket, closingQuote } from './enclosed.ts'
import { Role, roleOf } from './key-roles.ts'
import { type Line, VALUE } from './line.ts'
import { isHexGroup, isRandom, isValue, LEVELS } from './pieces.ts'

// compiled in, not read from the exports each time
const {
  space: SPACE,
  newline: NEWLINE,
  word: WORD,
  joint: JOINT,
  break: BREAK,
  quote: QUOTE,
  open: OPEN,
} = Char
const [EQUALS, COLON, DASH, AT, QUESTION] = [0x3d, 0x3a, 0x2d, 0x40, 0x3f]
const BRACE = 0x7b

/** Quoted text within quoted text that is looked into. */
const MAX_DEPTH = 4

/**
 * Cuts bytes[start … end) into words and values and appends them to `line`. A piece is a run of letters, digits and `_`; a
 * run is pieces joined by `. : / - @` and the like. Values are
 * - pieces with a digit (numbers, hex, addresses, times), long hex, suffixes of pods (pieces.ts), and hex groups joined to them;
 * - runs with a piece of base64, mail addresses, the query of a URL;
 * - what stands in quotes beside other words, in `{…}`, in lists, and in brackets after `=` or `:`;
 * - `key:value` without a space, key and all, as structs are dumped, since fields without a value are left out of dumps;
 * - what follows `key=`, unless the key says that it is a message, an error, or one of few words.
 * Lines that are indented (of a stack trace) are left out.
 */
// biome-ignore lint/complexity/noExcessiveCognitiveComplexity: one loop over bytes; calls between its parts cost more than they do
export function scanText(line: Line, bytes: Uint8Array, start: number, end: number, depth = 0): void {
  let i = start
  /** Where the run began, and its first token. */
  let runStart = start
  let runToken = line.length
  /** Where the last piece ended, if it was a value. */
  let valueEnd = -1
  while (i < end) {
    if (line.full) {
      line.fold(line.length - 1, i, end)
      return
    }
    const byte = bytes[i]!
    const char = CHARS[byte]!
    if (char === WORD) {
      const from = i
      let hash = FNV_SEED
      let bits = 0
      let next = byte
      do {
        hash = Math.imul(hash ^ next, FNV_PRIME)
        bits |= BITS[next]!
        if (++i >= end) break
        next = bytes[i]!
      } while (CHARS[next] === WORD)
      const joint = from > runStart ? bytes[from - 1]! : 0
      // zeros that are left out of an IPv6 address: ::
      const doubled = joint === COLON && valueEnd === from - 2 && bytes[from - 2] === COLON
      const joined = joint !== 0 && (valueEnd === from - 1 || doubled)
      if (isRandom(bits, bytes, from, i)) {
        // base64 is cut by its own punctuation: all of the run belongs to it
        i = endOfRun(bytes, i, end)
        line.fold(runToken, runStart, i)
        valueEnd = i
      } else if (isValue(hash, bits, i - from, joint, joined)) {
        if (!joined && (joint === COLON || joint === DASH)) dropKey(line, bytes, from, runToken, joint)
        line.value(from, i)
        valueEnd = i
      } else line.word(hash, from, i)
    } else if (char === JOINT) {
      const inside = i > runStart && i + 1 < end && CHARS[bytes[i + 1]!] === WORD
      if (inside && byte === AT) {
        i = endOfRun(bytes, i, end)
        line.fold(runToken, runStart, i)
        valueEnd = i
      } else if (inside && byte === QUESTION) {
        const from = i
        while (i < end && CHARS[bytes[i]!] !== SPACE && CHARS[bytes[i]!] !== QUOTE) i++
        line.value(from, i)
        valueEnd = i
      } else i++
    } else {
      if (char === BREAK) i = byte === EQUALS ? scanAssigned(line, bytes, i, end, depth) : i + 1
      else if (char === QUOTE) i = scanQuoted(line, bytes, start, i, end, runToken, depth)
      else if (char === OPEN) i = scanOpen(line, bytes, start, i, end, runToken)
      else if (char === NEWLINE) i = nextLine(bytes, i, end)
      else i++
      runStart = i
      runToken = line.length
    }
  }
}

function endOfRun(bytes: Uint8Array, from: number, end: number): number {
  let i = from
  while (i < end && (CHARS[bytes[i]!] === WORD || CHARS[bytes[i]!] === JOINT)) i++
  // the padding of base64
  while (i < end && bytes[i] === EQUALS) i++
  return i
}

/** What follows `=` at `at`. Returns where to go on. */
function scanAssigned(line: Line, bytes: Uint8Array, at: number, end: number, depth: number): number {
  const last = line.length - 1
  const from = at + 1
  if (last < 0 || line.ends[last] !== at || line.buffers[last] !== line.buffer) return from
  const role = line.words[last] === VALUE ? Role.other : roleOf(bytes, line.starts[last]!, at)
  const plain = role === Role.other || role === Role.volatile
  if (!plain && (from >= end || CHARS[bytes[from]!] !== QUOTE)) return from
  let to = from
  if (from < end && CHARS[bytes[from]!] === QUOTE) {
    const close = closingQuote(bytes, from, end)
    if (close < 0) return from + 1
    if (!plain && depth < MAX_DEPTH) {
      scanText(line, bytes, from + 1, close, depth + 1)
      return close + 1
    }
    to = close + 1
  } else if (from < end && CHARS[bytes[from]!] === OPEN) {
    const close = closingBracket(bytes, from, end)
    to = close < 0 ? end : close + 1
  } else while (to < end && (CHARS[bytes[to]!] === WORD || CHARS[bytes[to]!] === JOINT)) to++
  line.value(from, to)
  return to
}

function scanQuoted(
  line: Line,
  bytes: Uint8Array,
  start: number,
  at: number,
  end: number,
  runToken: number,
  depth: number,
): number {
  // within a word it is an apostrophe, or closes what was not opened
  if (at > start && CHARS[bytes[at - 1]!] === WORD) return at + 1
  const close = closingQuote(bytes, at, end)
  if (close < 0) return at + 1
  const key = keyBefore(line, bytes, start, at)
  // a field of a struct, which is dumped without spaces, is none of few words
  const dumped = key === Role.word && bytes[at - 1] === COLON
  const spoken = at === start || (key !== Role.other && key !== Role.volatile && !dumped)
  if (spoken && depth < MAX_DEPTH) scanText(line, bytes, at + 1, close, depth + 1)
  else {
    dropKey(line, bytes, at, runToken, at > start ? bytes[at - 1]! : 0)
    line.value(at, close + 1)
  }
  return close + 1
}

/** Role of the word before a `:` that stands before `at`. */
function keyBefore(line: Line, bytes: Uint8Array, start: number, at: number): Role {
  let colon = at - 1
  while (colon > start && CHARS[bytes[colon]!] === SPACE) colon--
  const last = line.length - 1
  if (colon <= start || bytes[colon] !== COLON || last < 0 || line.ends[last] !== colon) return Role.other
  return line.words[last] === VALUE ? Role.other : roleOf(bytes, line.starts[last]!, colon)
}

function scanOpen(
  line: Line,
  bytes: Uint8Array,
  start: number,
  at: number,
  end: number,
  runToken: number,
): number {
  const before = at > start ? bytes[at - 1]! : 0
  const close = closingBracket(bytes, at, end)
  let to = at
  if (bytes[at] === BRACE) to = close < 0 ? end : close + 1
  else if (close < 0) return at + 1
  // a list, or the value of a key; [main] and <init> are names
  else if (before === COLON || close === at + 1 || (before !== 0 && isList(bytes, at, close))) to = close + 1
  else return at + 1
  dropKey(line, bytes, at, runToken, before)
  line.value(at, to)
  return to
}

function isList(bytes: Uint8Array, open: number, close: number): boolean {
  for (let i = open + 1; i < close; i++) if (bytes[i] === COMMA) return true
  return false
}
const COMMA = 0x2c

/**
 * Takes back the word before a value that begins at `from`, when it is joined to it: the key of `key:value`, or the first
 * group of a UUID.
 */
function dropKey(line: Line, bytes: Uint8Array, from: number, runToken: number, joint: number): void {
  const last = line.length - 1
  if (last < runToken || line.ends[last] !== from - 1 || line.buffers[last] !== line.buffer) return
  const hash = line.words[last]!
  if (hash === VALUE || LEVELS.has(hash)) return
  if (joint === COLON || (joint === DASH && isHexGroup(bytes, line.starts[last]!, from - 1)))
    line.length = last
}

/** The beginning of the next line that is not indented. */
function nextLine(bytes: Uint8Array, at: number, end: number): number {
  let i = at
  while (i < end && CHARS[bytes[i]!] === NEWLINE) {
    i++
    if (i < end && CHARS[bytes[i]!] === SPACE) while (i < end && CHARS[bytes[i]!] !== NEWLINE) i++
  }
  return i
}
