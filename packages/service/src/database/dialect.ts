import { SqliteAdapter, SqliteDialect } from 'kysely'

class TransactionalAdapter extends SqliteAdapter {
  // SQLite can undo DDL; Kysely says no since `pragma foreign_keys` is ignored inside a transaction.
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

/** SQLite, with migrations that run in a transaction. */
export class TransactionalSqliteDialect extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new TransactionalAdapter()
  }
}
