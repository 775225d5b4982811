import type { SqliteDialectConfig } from 'kysely'

/** What Kysely needs of one. */
export type SqliteDatabase = Exclude<SqliteDialectConfig['database'], (...args: never) => unknown>
type Statement = ReturnType<SqliteDatabase['prepare']>

/** Texts of statements that are kept prepared: more than a store has, but for lists of varying length. */
const MOST = 256

/**
 * Keeps statements prepared by their text, the ones used last: Kysely's driver has each prepared anew, which costs more than running a small one. SQLite prepares
 * them again by itself when the schema has changed (sqlite.org/c3ref/prepare.html).
 */
export class PreparedStatements {
  readonly #prepare: (sql: string) => Statement
  readonly #most: number
  readonly #statements = new Map<string, Statement>()

  constructor(prepare: (sql: string) => Statement, most: number = MOST) {
    this.#prepare = prepare
    this.#most = most
  }

  get size(): number {
    return this.#statements.size
  }

  of(sql: string): Statement {
    const known = this.#statements.get(sql)
    if (known !== undefined) {
      this.#statements.delete(sql)
      this.#statements.set(sql, known)
      return known
    }
    const statement = this.#prepare(sql)
    this.#statements.set(sql, statement)
    for (const [oldest] of this.#statements) {
      if (this.#statements.size <= this.#most) break
      this.#statements.delete(oldest)
    }
    return statement
  }
}
