import { SecureAggregationError } from './secure-aggregation-error.ts'

/** Terms as words of 32 bits, little-endian. */
export function encodeTerms(terms: Uint32Array): Uint8Array {
  const bytes = new Uint8Array(4 * terms.length)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < terms.length; i++) view.setUint32(4 * i, terms[i]!, true)
  return bytes
}

/**
 * The terms of a masked input.
 *
 * @param length values of an update: there is one term more @throws SecureAggregationError `wrong_input`
 */
export function decodeTerms(bytes: Uint8Array, length: number): Uint32Array {
  if (bytes.length !== 4 * (length + 1))
    throw new SecureAggregationError('wrong_input', `${bytes.length} bytes, not ${4 * (length + 1)}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Uint32Array.from({ length: length + 1 }, (_, i) => view.getUint32(4 * i, true))
}
