import { SLOT_OF_KEY } from '../../telemetry/span-attributes.ts'

interface Key {
  readonly bytes: Uint8Array
  readonly slot: number
}

const LONGEST = 32
const BY_LENGTH: readonly (readonly Key[])[] = Array.from({ length: LONGEST + 1 }, (_, length) =>
  [...SLOT_OF_KEY]
    .filter(([key]) => key.length === length)
    .map(([key, slot]) => ({ bytes: new TextEncoder().encode(key), slot })),
)

/**
 * Slot of an attribute key, or -1 for a key that is not read. Told apart by length, then by bytes from the end, where keys
 * of one length differ first: most keys fall out at the first byte, none costs a string.
 */
export function slotOfKey(bytes: Uint8Array, start: number, length: number): number {
  if (length > LONGEST) return -1
  const keys = BY_LENGTH[length]!
  for (let k = 0; k < keys.length; k++) {
    const key = keys[k]!.bytes
    let i = length - 1
    while (i >= 0 && key[i] === bytes[start + i]) i--
    if (i < 0) return keys[k]!.slot
  }
  return -1
}
