import { Anomaly, JudgedEpisode } from '@adf/contract'
import { type Kysely, sql } from 'kysely'
import type { Tables } from '../schema.ts'
import type { RowReader } from './rows.ts'

/** Of one verdict, the most severe: an incident of the whole fleet shall not make a log that nobody can read. */
const MOST = 100

/** What a verdict is about, by entity and stream, the most severe first. Empty once retention took the anomalies. */
export async function episodesOf(
  db: Kysely<Tables>,
  rows: RowReader,
  kind: string,
  target: string,
): Promise<JudgedEpisode[]> {
  const severity = sql<number>`max(coalesce(severity, score))`
  const groups = await db
    .selectFrom('anomalies')
    .select(['stream', 'entity_id'])
    .select((row) => [
      row.fn.min('time_ms').as('from_ms'),
      row.fn.max('time_ms').as('to_ms'),
      row.fn.max('threshold').as('threshold'),
      severity.as('severity'),
    ])
    .where(kind === 'anomaly' ? 'id' : 'incident_id', '=', target)
    .groupBy(['stream', 'entity_id'])
    .orderBy(severity, 'desc')
    .limit(MOST)
    .execute()
  const episodes: JudgedEpisode[] = []
  for (const { stream, entity_id, from_ms, to_ms, ...group } of groups) {
    const threshold = group.threshold ?? (await thresholdOfBefore(db, rows, kind, target, stream, entity_id))
    const episode = rows.read('anomalies', target, () =>
      JudgedEpisode.parse({
        stream,
        entity_id,
        from: new Date(Number(from_ms)).toISOString(),
        to: new Date(Number(to_ms)).toISOString(),
        severity: group.severity,
        threshold,
      }),
    )
    if (episode !== undefined) episodes.push(episode)
  }
  return episodes
}

/** Of anomalies that have it in their body alone. */
async function thresholdOfBefore(
  db: Kysely<Tables>,
  rows: RowReader,
  kind: string,
  target: string,
  stream: string,
  entityId: string,
): Promise<number | undefined> {
  const row = await db
    .selectFrom('anomalies')
    .select(['id', 'body'])
    .where(kind === 'anomaly' ? 'id' : 'incident_id', '=', target)
    .where('stream', '=', stream)
    .where('entity_id', '=', entityId)
    .orderBy('score', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row && rows.read('anomalies', row.id, () => Anomaly.parse(JSON.parse(row.body)).threshold)
}
