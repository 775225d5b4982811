import { CompiledQuery, type DatabaseConnection, SqliteAdapter, SqliteDialect, SqliteDriver } from 'kysely'
import { PreparedStatements, type SqliteDatabase } from './prepared.ts'

class TransactionalAdapter extends SqliteAdapter {
  // SQLite can undo DDL; Kysely says no since `pragma foreign_keys` is ignored inside a transaction.
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

type Database = SqliteDatabase & {
  readonly inTransaction: boolean
}

class Driver extends SqliteDriver {
  readonly #database: Database

  constructor(database: Database) {
    const statements = new PreparedStatements((text) => database.prepare(text))
    super({ database: { prepare: (text) => statements.of(text), close: () => database.close() } })
    this.#database = database
  }

  // All transactions write. One that begins by reading would fail at its first write when another process wrote in between.
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'))
  }

  // When the disk is full SQLite has undone it by itself, and a failing rollback would hide why.
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#database.inTransaction) await super.rollbackTransaction(connection)
  }
}

/** SQLite, with migrations that run in a transaction, and the cause of a transaction that failed. */
export class TransactionalSqliteDialect extends SqliteDialect {
  readonly #database: Database

  constructor({ database }: { database: Database }) {
    super({ database })
    this.#database = database
  }

  override createAdapter(): SqliteAdapter {
    return new TransactionalAdapter()
  }

  override createDriver(): SqliteDriver {
    return new Driver(this.#database)
  }
}
