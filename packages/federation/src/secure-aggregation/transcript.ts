import { createHash } from 'node:crypto'

export type TranscriptField = string | number | Uint8Array

const LABEL = 'adf-secure-aggregation-1'

/**
 * Bytes that say one thing only: each field stands behind its length (u32, little-endian), texts in UTF-8, numbers as float64,
 * little-endian. No two lists of fields have the same bytes, and no two purposes.
 *
 * @param purpose what the bytes are signed, hashed or derived for
 */
export function transcript(purpose: string, fields: readonly TranscriptField[]): Uint8Array {
  const parts = [LABEL, purpose, ...fields].flatMap((field) => {
    const bytes = bytesOf(field)
    const length = Buffer.alloc(4)
    length.writeUInt32LE(bytes.length)
    return [length, bytes]
  })
  return Buffer.concat(parts)
}

/** SHA-256 of a transcript. */
export const digestOf = (purpose: string, fields: readonly TranscriptField[]): Uint8Array =>
  createHash('sha256').update(transcript(purpose, fields)).digest()

function bytesOf(field: TranscriptField): Uint8Array {
  if (typeof field === 'string') return Buffer.from(field, 'utf8')
  if (typeof field !== 'number') return field
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(field)
  return bytes
}
