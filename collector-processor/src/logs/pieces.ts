import { BITS, Has, hashOfText } from './characters.ts'

const { digit: DIGIT, otherLetter: OTHER, upper: UPPER, lower: LOWER, notInSuffix: NOT_IN_SUFFIX } = Has
const [COLON, DASH] = [0x3a, 0x2d]

/** Hex letters alone are an id from this length on; no word of a log is so long without another letter. */
const HEX_ID = 8
/** The longest group of a UUID. */
const HEX_GROUP = 12
/** Suffixes that Kubernetes gives: of pods five, of replica sets up to ten. */
const [SHORTEST_SUFFIX, LONGEST_SUFFIX] = [5, 10]
/** Shorter pieces may change their case by chance. */
const RANDOM = 12

const words = (text: string) => new Set(text.split(' ').map(hashOfText))

/** Words that stand for a value, whatever is around them. */
const VALUES = words(
  'true false True False TRUE FALSE null NULL nil none None undefined NaN ' +
    'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec Mon Tue Wed Thu Fri Sat Sun',
)
const LONGEST_VALUE = 9
/** Most words are told apart from those by eight bits of their hash. */
const MAY_BE_VALUE = new Uint8Array(256)
for (const hash of VALUES) MAY_BE_VALUE[hash & 0xff] = 1

export const LEVELS: ReadonlySet<number> = words(
  'TRACE DEBUG INFO NOTICE WARN WARNING ERROR CRITICAL FATAL PANIC trace debug info notice warn warning error critical fatal panic',
)

/**
 * Whether a piece (a run of letters, digits and `_`) is a value by itself or by what it is joined to.
 * @param bits  the bits of all its bytes (`Has`)
 * @param joint  the byte before it, 0 at the beginning of a run
 * @param joined  the piece before the joint is a value
 */
export function isValue(hash: number, bits: number, length: number, joint: number, joined: boolean): boolean {
  if ((bits & DIGIT) !== 0) return true
  if ((bits & OTHER) === 0) {
    if (length >= HEX_ID) return true
    if (joined && length <= HEX_GROUP && (joint === DASH || joint === COLON)) return true
  }
  if (joint === DASH && (bits & NOT_IN_SUFFIX) === 0 && length >= SHORTEST_SUFFIX && length <= LONGEST_SUFFIX)
    return true
  return length <= LONGEST_VALUE && MAY_BE_VALUE[hash & 0xff] === 1 && VALUES.has(hash)
}

/** Whether upper case, lower case and digits follow each other in no order, as in base64: `aGVsbG8gd29y`, not `GetCartAsync`. */
export function isRandom(bits: number, bytes: Uint8Array, start: number, end: number): boolean {
  const mixed = DIGIT | UPPER | LOWER
  if (end - start < RANDOM || (bits & mixed) !== mixed) return false
  let changes = 0
  let last = BITS[bytes[start]!]! & mixed
  for (let i = start + 1; i < end; i++) {
    const kind = BITS[bytes[i]!]! & mixed
    if (kind !== last && !(last === UPPER && kind === LOWER)) changes++
    last = kind
  }
  return changes * 3 >= end - start
}

/** Whether bytes[start … end) may be the first group of a UUID or a MAC address that has no digit. */
export function isHexGroup(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start
  if (length !== 2 && length !== 4 && length !== HEX_ID) return false
  for (let i = start; i < end; i++) if ((BITS[bytes[i]!]! & OTHER) !== 0) return false
  return true
}
