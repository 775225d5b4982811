import type { GroupCommit } from '@adf/service'
import type { Kysely } from 'kysely'
import type { Tables } from '../schema.ts'
import type { Finding, FindingStore } from '../shard.ts'
import { toAnomaly } from './anomalies.ts'
import type { RowReader } from './rows.ts'

export class SqlFindings implements FindingStore {
  readonly #db: Kysely<Tables>
  readonly #commit: GroupCommit<Tables>
  readonly #rows: RowReader

  constructor(db: Kysely<Tables>, commit: GroupCommit<Tables>, rows: RowReader) {
    this.#db = db
    this.#commit = commit
    this.#rows = rows
  }

  async upTo(stepMs: number, limit: number): Promise<Finding[]> {
    for (;;) {
      const rows = await this.#db
        .selectFrom('findings')
        .leftJoin('anomalies', 'anomalies.id', 'findings.anomaly_id')
        .select(['findings.anomaly_id', 'findings.step_ms', 'findings.first'])
        .select(['anomalies.body', 'anomalies.incident_id', 'anomalies.verdict'])
        .where('findings.step_ms', '<=', stepMs)
        .orderBy('findings.step_ms')
        .orderBy('findings.anomaly_id')
        .limit(limit)
        .execute()
      const gone: string[] = []
      const found = rows.flatMap(({ anomaly_id, step_ms, first, body, incident_id, verdict }): Finding[] => {
        const anomaly =
          body === null
            ? undefined
            : this.#rows.read('anomalies', anomaly_id, () => toAnomaly({ body, incident_id, verdict }))
        if (anomaly !== undefined) return [{ anomaly, stepMs: Number(step_ms), first: first === 1 }]
        gone.push(anomaly_id)
        return []
      })
      if (gone.length > 0) await this.remove(gone)
      // Nothing means that there is nothing, so it must not come of rows that cannot be read.
      if (found.length > 0 || rows.length === 0) return found
    }
  }

  async remove(anomalyIds: readonly string[]): Promise<void> {
    if (anomalyIds.length === 0) return
    await this.#commit.write((db) =>
      db
        .deleteFrom('findings')
        .where('anomaly_id', 'in', [...anomalyIds])
        .execute(),
    )
  }
}
