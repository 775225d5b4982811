import { type Kysely, sql, type Transaction } from 'kysely'
import { postgresOf } from '../postgres/open.ts'
import type { Row } from './checksum.ts'

/** Rows that are read or written at once. */
const PIECE = 200

type Tx = Transaction<unknown>

/** What copying needs and engines do each in their own way. Names of tables are those of the schema. */
export interface CopyEngine {
  /** Runs with one unchanging view of the database. */
  reading<T>(work: (db: Tx) => Promise<T>): Promise<T>
  rows(db: Tx, table: string): AsyncGenerator<readonly Row[]>
  /** The largest value that a column which counts by itself ever had; undefined before the first. */
  counted(db: Tx, table: string, column: string): Promise<number | undefined>
  /** Goes on counting above it. */
  countOn(db: Tx, table: string, column: string, from: number): Promise<void>
}

export const engineOf = (db: Kysely<unknown>): CopyEngine =>
  postgresOf(db) === undefined ? sqlite(db) : postgres(db)

const sqlite = (database: Kysely<unknown>): CopyEngine => ({
  reading: (work) => database.transaction().execute(work),
  async *rows(db, table) {
    for (let after = Number.MIN_SAFE_INTEGER; ; ) {
      const { rows } = await sql<{ adf_row: number }>`select rowid as adf_row, * from ${sql.table(table)}
        where rowid > ${after} order by rowid limit ${PIECE}`.execute(db)
      const last = rows.at(-1)
      if (last === undefined) return
      yield rows.map(({ adf_row: _, ...row }) => row)
      after = last.adf_row
    }
  },
  async counted(db, table) {
    const { rows } = await sql<{
      seq: number
    }>`select seq from sqlite_sequence where name = ${table}`.execute(db)
    return rows[0]?.seq
  },
  async countOn(db, table, _, from) {
    await sql`delete from sqlite_sequence where name = ${table}`.execute(db)
    await sql`insert into sqlite_sequence (name, seq) values (${table}, ${from})`.execute(db)
  },
})

const postgres = (database: Kysely<unknown>): CopyEngine => ({
  reading: (work) =>
    database.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(work),
  async *rows(db, table) {
    await sql`declare adf_rows cursor for select * from ${sql.table(table)}`.execute(db)
    for (;;) {
      const { rows } = await sql<Row>`fetch ${sql.lit(PIECE)} from adf_rows`.execute(db)
      if (rows.length === 0) break
      yield rows
    }
    await sql`close adf_rows`.execute(db)
  },
  async counted(db, table, column) {
    const { rows } = await sql<{ last: number | null }>`select pg_sequence_last_value(
      pg_get_serial_sequence(${table}, ${column})::regclass) as last`.execute(db)
    return rows[0]?.last ?? undefined
  },
  async countOn(db, table, column, from) {
    await sql`select setval(pg_get_serial_sequence(${table}, ${column})::regclass, ${from}::bigint)`.execute(
      db,
    )
  },
})
