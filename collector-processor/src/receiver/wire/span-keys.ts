import { SLOT_OF_KEY } from '../../telemetry/span-attributes.ts'

const KEYS = [...SLOT_OF_KEY].map(([key, slot]) => ({ key: new TextEncoder().encode(key), slot }))
const LONGEST = Math.max(...KEYS.map(({ key }) => key.length))
/** The words of a key that begin at byte 0, 4, 8, …; the last one overlaps the one before, so that it ends with the key. */
const WORDS = Math.ceil(LONGEST / 4)
const PLACES = 1024

const place = (length: number, early: number, last: number, factor: number): number =>
  (Math.imul((length << 16) ^ (early << 8) ^ last, factor) >>> 22) & (PLACES - 1)

/** The first factor that gives each key a place of its own: found in a few trials. */
const FACTOR = factorFor()
/** By place: length of the key there (0 = none), its slot, and its words. */
const LENGTHS = new Uint8Array(PLACES)
const SLOTS = new Int32Array(PLACES)
const WORDS_AT = new Uint32Array(PLACES * WORDS)
for (const { key, slot } of KEYS) {
  const at = placeOf(key, FACTOR)
  const view = new DataView(key.buffer, key.byteOffset, key.length)
  LENGTHS[at] = key.length
  SLOTS[at] = slot
  for (let i = 0; i < Math.ceil(key.length / 4); i++)
    WORDS_AT[at * WORDS + i] = view.getUint32(Math.min(4 * i, key.length - 4))
}

/**
 * Slot of an attribute key, or -1 for a key that is not read. A key that is not read mostly falls out by its length and two of
 * its bytes; one that is read is compared four bytes at a time. Costs no string.
 *
 * @param bytes, view the same memory
 */
export function slotOfKey(bytes: Uint8Array, view: DataView, start: number, length: number): number {
  if (length > LONGEST || length < 4) return -1
  const at = place(length, bytes[start + (length >>> 2)]!, bytes[start + length - 1]!, FACTOR)
  if (LENGTHS[at] !== length) return -1
  const words = at * WORDS
  const last = start + length - 4
  let word = words
  for (let pos = start; pos < last; pos += 4) if (view.getUint32(pos) !== WORDS_AT[word++]) return -1
  return view.getUint32(last) === WORDS_AT[word] ? SLOTS[at]! : -1
}

function placeOf(key: Uint8Array, factor: number): number {
  return place(key.length, key[key.length >>> 2]!, key[key.length - 1]!, factor)
}

function factorFor(): number {
  for (let trial = 0; trial < 1e4; trial++) {
    const factor = 0x9e3779b1 + 2 * trial
    const places = new Set(KEYS.map(({ key }) => placeOf(key, factor)))
    if (places.size === KEYS.length) return factor
  }
  throw new Error(
    'two attribute keys agree in length and both bytes that tell them apart: choose other bytes',
  )
}
