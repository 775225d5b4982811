/** Smaller documents cannot become much, whatever they hold. */
const SMALL = 2 ** 20
/** An honest document of 64 MiB has about 5 million. */
export const MAX_VALUES = 8_000_000

const OPEN_OBJECT = 0x7b
const OPEN_ARRAY = 0x5b
const COMMA = 0x2c

/**
 * Whether JSON.parse could make more than MAX_VALUES values of the document: `{},` is three bytes on the wire and sixty in
 * memory. Counts what begins a value in texts too, where it begins none; that is rare enough for the limit.
 */
export function hasTooManyValues(document: Uint8Array): boolean {
  if (document.length <= SMALL) return false
  let values = 0
  for (let at = 0; at < document.length; at++) {
    const byte = document[at]!
    if (byte === COMMA || byte === OPEN_OBJECT || byte === OPEN_ARRAY) values++
  }
  return values > MAX_VALUES
}
