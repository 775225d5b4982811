import { Verdict } from '@adf/contract'
import type { Selectable } from 'kysely'
import type { Tables } from '../schema.ts'

/** @throws when the row is damaged */
export function toVerdict(
  row: Pick<
    Selectable<Tables['verdicts']>,
    'id' | 'target_kind' | 'target_id' | 'verdict' | 'cause' | 'note' | 'author' | 'time_ms'
  >,
): Verdict {
  return Verdict.parse({
    id: row.id,
    anomaly_id: row.target_kind === 'anomaly' ? row.target_id : null,
    incident_id: row.target_kind === 'incident' ? row.target_id : null,
    verdict: row.verdict,
    cause: row.cause,
    note: row.note,
    author: row.author === '' ? null : row.author,
    time: new Date(Number(row.time_ms)).toISOString(),
  })
}
