/** A row of the store that does not hold what its table promises: damaged, or of a version that did not check. */
export interface UnreadableRow {
  readonly table: string
  readonly id: string
  readonly error: unknown
}

/** Reads rows. One that cannot be read is told and passed over: it must never hide the others. */
export class RowReader {
  readonly #unreadable: (row: UnreadableRow) => void

  constructor(unreadable: (row: UnreadableRow) => void) {
    this.#unreadable = unreadable
  }

  read<T>(table: string, id: string, make: () => T): T | undefined {
    try {
      return make()
    } catch (error) {
      this.#unreadable({ table, id, error })
      return undefined
    }
  }

  all<Row, T>(table: string, rows: readonly Row[], id: (row: Row) => string, make: (row: Row) => T): T[] {
    return rows.flatMap((row) => this.read(table, id(row), () => [make(row)]) ?? [])
  }
}
