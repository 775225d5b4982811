import type { DailyPartitions, GroupCommit, KeyRange } from '@adf/service'
import type { Transaction } from 'kysely'
import type { Tables } from '../schema.ts'
import type { RetentionStore } from '../store.ts'

/** Deletes what is too old, a chunk in each transaction, so that no other write waits long. */
export class SqlRetention implements RetentionStore {
  readonly #commit: GroupCommit<Tables>
  readonly #clock: () => number
  readonly #partitions: DailyPartitions | undefined

  constructor(commit: GroupCommit<Tables>, clock: () => number, partitions: DailyPartitions | undefined) {
    this.#commit = commit
    this.#clock = clock
    this.#partitions = partitions
  }

  async sweep(olderThanMs: number, chunk: number): Promise<number> {
    const partitions = this.#partitions
    if (partitions === undefined) return this.#sweepRows(olderThanMs, chunk)
    await this.#commit.write((db) => partitions.extend(db, this.#clock()))
    const dropped = await this.#commit.write((db) => days(db, partitions, olderThanMs))
    return dropped + (await this.#sweepRows(olderThanMs, chunk))
  }

  #sweepRows(olderThanMs: number, chunk: number): Promise<number> {
    return this.#commit.write(
      async (db) =>
        (await log(db, olderThanMs, chunk)) +
        (await anomalies(db, olderThanMs, chunk, await this.#partitions?.covered(db, 'anomalies'))) +
        (await incidents(db, olderThanMs, chunk)) +
        (await ended(db, olderThanMs, chunk)) +
        (await states(db, olderThanMs, chunk)) +
        (await graphs(db, olderThanMs, chunk)) +
        (await changes(db, olderThanMs, chunk)) +
        (await judgements(db, olderThanMs, chunk)) +
        (await shared(db, olderThanMs, chunk)),
    )
  }
}

/** Before the rows that it points to, so that the horizon is never behind what is gone. */
async function log(db: Transaction<Tables>, before: number, chunk: number): Promise<number> {
  const rows = await db
    .selectFrom('alert_log')
    .select('cursor')
    .where('time_ms', '<', before)
    .orderBy('cursor')
    .limit(chunk)
    .execute()
  const last = rows.at(-1)
  if (last === undefined) return 0
  await db
    .deleteFrom('alert_log')
    .where(
      'cursor',
      'in',
      rows.map(({ cursor }) => cursor),
    )
    .execute()
  const cursor = Number(last.cursor)
  await db
    .insertInto('alert_horizon')
    .values({ id: 1, cursor })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ cursor }))
    .execute()
  return rows.length
}

/** Anomalies of whole days, and what was said of them. */
async function days(db: Transaction<Tables>, partitions: DailyPartitions, before: number): Promise<number> {
  let gone = 0
  for (const { rows, range } of await partitions.expire(db, 'anomalies', before)) {
    await db
      .deleteFrom('verdicts')
      .where('target_kind', '=', 'anomaly')
      .where('target_id', '>=', String(range.from))
      .where('target_id', '<', String(range.to))
      .execute()
    gone += rows
  }
  return gone
}

/** @param kept those of days that are dropped as a whole when the day is over */
async function anomalies(
  db: Transaction<Tables>,
  before: number,
  chunk: number,
  kept: KeyRange | undefined,
): Promise<number> {
  let old = db.selectFrom('anomalies').select('id').where('detected_ms', '<', before)
  if (kept !== undefined)
    old = old.where((row) => row.or([row('id', '<', String(kept.from)), row('id', '>=', String(kept.to))]))
  const ids = (await old.limit(chunk).execute()).map(({ id }) => id)
  if (ids.length === 0) return 0
  await db.deleteFrom('verdicts').where('target_kind', '=', 'anomaly').where('target_id', 'in', ids).execute()
  await db.deleteFrom('anomalies').where('id', 'in', ids).execute()
  return ids.length
}

async function incidents(db: Transaction<Tables>, before: number, chunk: number): Promise<number> {
  const ids = (
    await db
      .selectFrom('incidents')
      .select('id')
      .where('state', '!=', 'open')
      .where('updated_ms', '<', before)
      .limit(chunk)
      .execute()
  ).map(({ id }) => id)
  if (ids.length === 0) return 0
  await db
    .deleteFrom('verdicts')
    .where('target_kind', '=', 'incident')
    .where('target_id', 'in', ids)
    .execute()
  await db.deleteFrom('incident_history').where('incident_id', 'in', ids).execute()
  await db.deleteFrom('incident_services').where('incident_id', 'in', ids).execute()
  await db.deleteFrom('incidents').where('id', 'in', ids).execute()
  return ids.length
}

async function ended(db: Transaction<Tables>, before: number, chunk: number): Promise<number> {
  const ids = (
    await db
      .selectFrom('outgoing_alerts')
      .select('incident_id')
      .where('ends_ms', '<', before)
      .limit(chunk)
      .execute()
  ).map(({ incident_id }) => incident_id)
  if (ids.length === 0) return 0
  await db.deleteFrom('outgoing_alerts').where('incident_id', 'in', ids).execute()
  return ids.length
}

/** Of entities that are long gone: a live one is saved again and again. */
async function states(db: Transaction<Tables>, before: number, chunk: number): Promise<number> {
  const old = await db
    .selectFrom('detector_state')
    .select(['stream', 'entity_id'])
    .where('saved_ms', '<', before)
    .limit(chunk)
    .execute()
  for (const { stream, entity_id } of old) {
    await db
      .deleteFrom('detector_state')
      .where('stream', '=', stream)
      .where('entity_id', '=', entity_id)
      .execute()
  }
  return old.length
}

async function graphs(db: Transaction<Tables>, before: number, chunk: number): Promise<number> {
  const times = (
    await db.selectFrom('graphs').select('at_ms').where('at_ms', '<', before).limit(chunk).execute()
  ).map(({ at_ms }) => at_ms)
  if (times.length > 0) await db.deleteFrom('graphs').where('at_ms', 'in', times).execute()
  return times.length
}

/** Oldest versions first; the counter tells to which version nobody can go back any more. */
async function changes(db: Transaction<Tables>, before: number, chunk: number): Promise<number> {
  const versions = (
    await db
      .selectFrom('threshold_changes')
      .select('version')
      .where('at_ms', '<', before)
      .orderBy('version')
      .limit(chunk)
      .execute()
  ).map(({ version }) => Number(version))
  const last = versions.at(-1)
  if (last === undefined) return 0
  await db.deleteFrom('threshold_changes').where('version', 'in', versions).execute()
  await db.updateTable('counters').set({ value: last }).where('name', '=', 'thresholds_swept').execute()
  return versions.length
}

async function judgements(db: Transaction<Tables>, before: number, chunk: number): Promise<number> {
  const cursors = (
    await db.selectFrom('verdict_log').select('cursor').where('logged_ms', '<', before).limit(chunk).execute()
  ).map(({ cursor }) => cursor)
  if (cursors.length > 0) await db.deleteFrom('verdict_log').where('cursor', 'in', cursors).execute()
  return cursors.length
}

/** Of work that processors shared: entities that are not learned any more, shards of topics that are gone, and what nobody reduced. */
async function shared(db: Transaction<Tables>, before: number, chunk: number): Promise<number> {
  const homes = await db
    .selectFrom('homes')
    .select(['stream', 'entity_id'])
    .where('since_ms', '<', before)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('detector_state')
            .select('detector_state.stream')
            .whereRef('detector_state.stream', '=', 'homes.stream')
            .whereRef('detector_state.entity_id', '=', 'homes.entity_id'),
        ),
      ),
    )
    .limit(chunk)
    .execute()
  for (const { stream, entity_id } of homes)
    await db.deleteFrom('homes').where('stream', '=', stream).where('entity_id', '=', entity_id).execute()
  const gone = await db.deleteFrom('shards').where('seen_ms', '<', before).executeTakeFirst()
  const learned = await db
    .deleteFrom('shard_state')
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('shards').select('shards.id').whereRef('shards.id', '=', 'shard_state.shard'))),
    )
    .executeTakeFirst()
  const old = await db.deleteFrom('findings').where('step_ms', '<', before).executeTakeFirst()
  return [gone, learned, old].reduce((sum, { numDeletedRows }) => sum + Number(numDeletedRows), homes.length)
}
