import { TimelineEntry } from '@adf/contract'
import type { GroupCommit } from '@adf/service'
import { type Kysely, sql } from 'kysely'
import type { Tables } from '../schema.ts'
import type { IncidentHistory } from '../store.ts'
import type { RowReader } from './rows.ts'

/** Entries of one incident. A first cause that changes more often says nothing. */
const LIMIT = 200

export class SqlIncidentHistory implements IncidentHistory {
  readonly #db: Kysely<Tables>
  readonly #commit: GroupCommit<Tables>
  readonly #rows: RowReader

  constructor(db: Kysely<Tables>, commit: GroupCommit<Tables>, rows: RowReader) {
    this.#db = db
    this.#commit = commit
    this.#rows = rows
  }

  note(incidentId: string, { at, kind, subject, text }: TimelineEntry): Promise<boolean> {
    return this.#commit.write(async (db) => {
      const { n } = await db
        .selectFrom('incident_history')
        .select(sql<number>`count(*)`.as('n'))
        .where('incident_id', '=', incidentId)
        .executeTakeFirstOrThrow()
      if (Number(n) >= LIMIT) return false
      await db
        .insertInto('incident_history')
        .values({ incident_id: incidentId, at_ms: Date.parse(at), kind, subject: subject ?? '', text })
        .execute()
      return true
    })
  }

  async of(incidentId: string): Promise<TimelineEntry[]> {
    const rows = await this.#db
      .selectFrom('incident_history')
      .selectAll()
      .where('incident_id', '=', incidentId)
      .orderBy('seq')
      .limit(LIMIT)
      .execute()
    return this.#rows.all(
      'incident_history',
      rows,
      ({ seq }) => String(seq),
      ({ at_ms, kind, subject, text }) =>
        TimelineEntry.parse({
          at: new Date(Number(at_ms)).toISOString(),
          kind,
          subject: subject === '' ? null : subject,
          text,
        }),
    )
  }
}
