/** What SQLite and PostgreSQL call differently: all of it is here. Kysely takes care of the rest. */
export interface Dialect {
  /** Column type of bytes. */
  readonly bytes: 'blob' | 'bytea'
}

export const sqlite: Dialect = { bytes: 'blob' }

/** The drivers take Buffers only; this one shares the memory. */
export const bufferOf = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
