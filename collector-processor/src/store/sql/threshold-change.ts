import { type Threshold, ThresholdChange } from '@adf/contract'
import type { Selectable, Transaction } from 'kysely'
import type { Tables } from '../schema.ts'
import type { RollbackOutcome, RollbackWish, ThresholdOutcome, ThresholdWish } from '../store.ts'
import { latestOf, nextOf } from './counter.ts'
import type { RowReader } from './rows.ts'
import { thresholdOf } from './threshold-row.ts'

type Row = Selectable<Tables['threshold_changes']>
interface Place {
  readonly stream: string
  readonly entityId: string
}
/** What a threshold is, and who holds it. Both null: the initial one. */
interface Held {
  readonly value: number | null
  readonly source: string | null
}
interface Cause extends Pick<ThresholdWish, 'reason' | 'by' | 'nowMs'> {
  readonly source: ThresholdChange['source']
  readonly undoes: number | null
}

const INITIAL: Held = { value: null, source: null }

/** Sets a threshold with its history. To be run in one transaction. */
export async function changeThreshold(
  db: Transaction<Tables>,
  rows: RowReader,
  wish: ThresholdWish,
  most: number,
): Promise<ThresholdOutcome> {
  const { value, source, ifVersion } = wish
  const threshold = await thresholdNow(db, rows, wish)
  if (source === 'tuner' && threshold?.source === 'operator') return { kind: 'overridden', threshold }
  const version = threshold?.version ?? 0
  if (ifVersion !== undefined && ifVersion !== version) return { kind: 'conflict', version }
  const to = value === null ? INITIAL : { value, source }
  if (same(threshold ?? INITIAL, to)) return { kind: 'same', threshold }
  if (threshold === null && to.value !== null && !(await hasRoom(db, 1, most)))
    return { kind: 'too_many', most }
  await store(db, wish, threshold ?? INITIAL, to, { ...wish, undoes: null })
  return { kind: 'changed', threshold: await thresholdNow(db, rows, wish) }
}

/** Takes changes back, each by one of its own. To be run in one transaction. */
export async function rollBackThresholds(
  db: Transaction<Tables>,
  rows: RowReader,
  { entity, toVersion, source: who, ...cause }: RollbackWish,
  most: number,
): Promise<RollbackOutcome> {
  const first = toVersion === undefined ? await lastStanding(db, entity) : await after(db, toVersion, entity)
  if (!Array.isArray(first)) return first
  const wanted: {
    readonly place: Place
    readonly now: Held
    readonly to: Held
    readonly undoes: number
  }[] = []
  for (const { stream, entity_id, from_value, from_source, version } of first) {
    const place = { stream, entityId: entity_id }
    const threshold = await thresholdNow(db, rows, place)
    const now = threshold ?? INITIAL
    const to = { value: from_value, source: from_source }
    if (same(now, to)) continue
    if (who === 'tuner' && threshold?.source === 'operator') {
      if (entity !== undefined) return { kind: 'overridden', threshold }
      continue
    }
    wanted.push({ place, now, to, undoes: Number(version) })
  }
  // What comes back needs room too; what goes makes some.
  const more = wanted.reduce((sum, { now, to }) => sum + count(to) - count(now), 0)
  if (more > 0 && !(await hasRoom(db, more, most))) return { kind: 'too_many', most }
  const changes: ThresholdChange[] = []
  for (const { place, now, to, undoes } of wanted)
    changes.push(toChange(await store(db, place, now, to, { ...cause, source: 'rollback', undoes })))
  return { kind: 'done', changes }
}

/** The last change of an entity that no rollback took back. */
async function lastStanding(
  db: Transaction<Tables>,
  entity: RollbackWish['entity'],
): Promise<Row[] | RollbackOutcome> {
  let row = await latestBefore(db, entity, undefined)
  if (row === undefined) return { kind: 'never_changed' }
  while (row !== undefined && row.undoes !== null) row = await latestBefore(db, entity, row.undoes)
  return row === undefined ? [] : [row]
}

async function latestBefore(
  db: Transaction<Tables>,
  entity: RollbackWish['entity'],
  version: number | undefined,
): Promise<Row | undefined> {
  if (entity === undefined) return undefined
  let query = db
    .selectFrom('threshold_changes')
    .selectAll()
    .where('stream', '=', entity.stream)
    .where('entity_id', '=', entity.entityId)
  if (version !== undefined) query = query.where('version', '<', version)
  return query.orderBy('version', 'desc').limit(1).executeTakeFirst()
}

/** Of each entity the first change after a version: it tells what was before. */
async function after(
  db: Transaction<Tables>,
  version: number,
  entity: RollbackWish['entity'],
): Promise<Row[] | RollbackOutcome> {
  const latest = await latestOf(db, 'thresholds')
  if (version > latest) return { kind: 'ahead', latest }
  const swept = await latestOf(db, 'thresholds_swept')
  if (version < swept) return { kind: 'forgotten', swept }
  if (entity !== undefined && (await latestBefore(db, entity, undefined)) === undefined)
    return { kind: 'never_changed' }
  let firsts = db
    .selectFrom('threshold_changes')
    .select((row) => row.fn.min('version').as('first'))
    .where('version', '>', version)
    .groupBy(['stream', 'entity_id'])
  if (entity !== undefined)
    firsts = firsts.where('stream', '=', entity.stream).where('entity_id', '=', entity.entityId)
  return db
    .selectFrom('threshold_changes')
    .selectAll()
    .where('version', 'in', firsts)
    .orderBy('version')
    .execute()
}

/** null: the initial one. One that cannot be read counts as that, so that it can be set anew. */
async function thresholdNow(
  db: Transaction<Tables>,
  rows: RowReader,
  { stream, entityId }: Place,
): Promise<Threshold | null> {
  const row = await db
    .selectFrom('thresholds')
    .selectAll()
    .where('stream', '=', stream)
    .where('entity_id', '=', entityId)
    .executeTakeFirst()
  return (row && rows.read('thresholds', `${stream}:${entityId}`, () => thresholdOf(row))) ?? null
}

const count = ({ value }: Held): number => (value === null ? 0 : 1)

async function hasRoom(db: Transaction<Tables>, more: number, most: number): Promise<boolean> {
  const { rows } = await db
    .selectFrom('thresholds')
    .select((row) => row.fn.countAll().as('rows'))
    .executeTakeFirstOrThrow()
  return Number(rows) + more <= most
}

const same = (a: Held, b: Held) => a.value === b.value && a.source === b.source

async function store(
  db: Transaction<Tables>,
  { stream, entityId }: Place,
  from: Held,
  to: Held,
  { source, reason, by, nowMs, undoes }: Cause,
): Promise<Row> {
  const version = await nextOf(db, 'thresholds')
  const row = {
    version,
    stream,
    entity_id: entityId,
    from_value: from.value,
    from_source: from.source,
    to_value: to.value,
    to_source: to.source,
    source,
    reason,
    by,
    at_ms: nowMs,
    undoes,
  }
  await db.insertInto('threshold_changes').values(row).execute()
  if (to.value === null || to.source === null) {
    await db.deleteFrom('thresholds').where('stream', '=', stream).where('entity_id', '=', entityId).execute()
    return row
  }
  const set = { value: to.value, source: to.source, updated_ms: nowMs, updated_by: by, version, reason }
  await db
    .insertInto('thresholds')
    .values({ stream, entity_id: entityId, ...set })
    .onConflict((conflict) => conflict.columns(['stream', 'entity_id']).doUpdateSet(set))
    .execute()
  return row
}

export function toChange(row: Row): ThresholdChange {
  return ThresholdChange.parse({
    version: Number(row.version),
    stream: row.stream,
    entity_id: row.entity_id,
    from: row.from_value,
    to: row.to_value,
    source: row.source,
    reason: row.reason,
    by: row.by,
    at: new Date(Number(row.at_ms)).toISOString(),
  })
}
