import { createHash } from 'node:crypto'

export type Row = Readonly<Record<string, unknown>>

const BITS = 256n
const MASK = (1n << BITS) - 1n

/**
 * Checksum of a table, whatever the order of its rows: the sum of the SHA-256 of each, modulo 2^256. A row counts by the
 * names and values of its columns, in the order of the names, so that it is the same in every engine.
 */
export class TableChecksum {
  #sum = 0n
  #rows = 0

  add(row: Row): void {
    const hash = createHash('sha256')
    for (const name of Object.keys(row).sort()) {
      hash.update(`${name.length}:${name}`)
      const value = row[name]
      if (value === null || value === undefined) hash.update('n')
      else if (typeof value === 'number') hash.update(`d${value === 0 ? 0 : value};`)
      else if (value instanceof Uint8Array) hash.update(`b${value.length}:`).update(value)
      else if (typeof value === 'string') {
        // PostgreSQL's text holds no NUL; the driver stores U+FFFD for it.
        const bytes = Buffer.from(value.replaceAll('\0', '\u{fffd}'))
        hash.update(`s${bytes.length}:`).update(bytes)
      } else throw new TypeError(`column ${name} holds a ${typeof value}, which no table of ours does`)
    }
    this.#sum = (this.#sum + BigInt(`0x${hash.digest('hex')}`)) & MASK
    this.#rows++
  }

  get rows(): number {
    return this.#rows
  }

  get hex(): string {
    return this.#sum.toString(16).padStart(64, '0')
  }
}
