import type { GroupCommit } from '@adf/service'
import type { Kysely } from 'kysely'
import type { Tables } from '../schema.ts'
import type { FollowerStore } from '../store.ts'

export class SqlFollowers implements FollowerStore {
  readonly #db: Kysely<Tables>
  readonly #commit: GroupCommit<Tables>

  constructor(db: Kysely<Tables>, commit: GroupCommit<Tables>) {
    this.#db = db
    this.#commit = commit
  }

  async cursor(name: string): Promise<number | undefined> {
    const row = await this.#db
      .selectFrom('followers')
      .select('cursor')
      .where('name', '=', name)
      .executeTakeFirst()
    return row && Number(row.cursor)
  }

  async moved(name: string, cursor: number): Promise<void> {
    await this.#commit.write((db) =>
      db
        .insertInto('followers')
        .values({ name, cursor })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ cursor }))
        .execute(),
    )
  }
}
