import { type Kysely, type QueryExecutorProvider, sql } from 'kysely'
import { postgresOf } from './open.ts'

/** A table whose rows each belong to one day, by the value of one column of its primary key. */
export interface DailyTable {
  readonly table: string
  readonly key: string
  /** The least value of a day, as it is stored; greater for later days. @param dayMs its first millisecond */
  readonly least: (dayMs: number) => string | number
}

/** Rows with a key from `from` on and below `to`. */
export interface KeyRange {
  readonly from: string | number
  readonly to: string | number
}

export interface Expired {
  readonly rows: number
  /** Of the rows that are gone. */
  readonly range: KeyRange
}

const DAY_MS = 86_400_000
/** Made before they are needed: so long a process may be unable to make any. */
const AHEAD = 3
/** Made for the rows of a table that was not partitioned before; older ones are left to the default partition. */
const BEHIND = 31
/** A partition is made or dropped under a lock that readers of the table have to wait for: a longer reader is not waited for. */
const LOCK_WAIT = '2s'

/** A transaction, whatever its tables. */
type Tx = QueryExecutorProvider

/**
 * Keeps tables in a partition for each day, so that what is too old is dropped at once and leaves no dead rows behind. Which rows there are and what statements find
 * does not depend on it: partitions are the layout of one engine, and no part of the schema that migrations make. What
 * belongs to no day that has a partition is in the default one.
 */
export class DailyPartitions {
  readonly #tables: ReadonlyMap<string, DailyTable>

  private constructor(tables: readonly DailyTable[]) {
    this.#tables = new Map(tables.map((each) => [each.table, each]))
  }

  /**
   * Partitions tables that are not, with the rows that they have, and makes the partitions of the days around `nowMs`; undefined for SQLite, which has none.
   * All or nothing.
   */
  static async prepare<Tables>(
    db: Kysely<Tables>,
    tables: readonly DailyTable[],
    nowMs: number,
  ): Promise<DailyPartitions | undefined> {
    if (postgresOf(db) === undefined) return undefined
    const partitions = new DailyPartitions(tables)
    await db.transaction().execute(async (tx) => {
      for (const daily of tables) if (!(await isPartitioned(tx, daily.table))) await convert(tx, daily, nowMs)
      await partitions.extend(tx, nowMs)
    })
    return partitions
  }

  /** Makes what is missing of the partitions of today and the next days. */
  async extend(tx: Tx, nowMs: number): Promise<void> {
    for (const daily of this.#tables.values()) {
      const there = new Set((await daysOf(tx, daily)).map(({ name }) => name))
      for (const day of daysFrom(nowMs, 0))
        if (!there.has(nameOf(daily, day))) await patiently(tx, () => make(tx, daily, day))
    }
  }

  /** Drops the partitions of a table all of whose days ended by `beforeMs`. Rejects when somebody reads the table for longer than is waited. */
  async expire(tx: Tx, table: string, beforeMs: number): Promise<Expired[]> {
    const daily = this.#daily(table)
    const expired: Expired[] = []
    for (const { name, dayMs } of await daysOf(tx, daily)) {
      if (dayMs + DAY_MS > beforeMs) continue
      const { rows } = await sql<{ rows: number }>`select count(*) as rows from ${sql.table(name)}`.execute(
        tx,
      )
      await patiently(tx, () => sql`drop table ${sql.table(name)}`.execute(tx))
      expired.push({ rows: rows[0]?.rows ?? 0, range: rangeOf(daily, dayMs) })
    }
    return expired
  }

  /** From the first to the last day that has a partition: rows outside are those of the default one. undefined: there is none. */
  async covered(tx: Tx, table: string): Promise<KeyRange | undefined> {
    const daily = this.#daily(table)
    const days = await daysOf(tx, daily)
    const [first, last] = [days[0], days.at(-1)]
    if (first === undefined || last === undefined) return undefined
    return { from: daily.least(first.dayMs), to: daily.least(last.dayMs + DAY_MS) }
  }

  #daily(table: string): DailyTable {
    const daily = this.#tables.get(table)
    if (daily === undefined) throw new RangeError(`${table} is not kept by days`)
    return daily
  }
}

/** The least UUID of version 7 of a moment (RFC 9562 5.7), which begins with 48 bits of milliseconds. */
export function leastUuid(ms: number): string {
  const digits = Math.max(0, ms).toString(16).padStart(12, '0')
  return `${digits.slice(0, 8)}-${digits.slice(8)}`
}

const startOf = (ms: number): number => Math.floor(ms / DAY_MS) * DAY_MS

function daysFrom(nowMs: number, behind: number): number[] {
  const first = startOf(nowMs) - behind * DAY_MS
  return Array.from({ length: behind + 1 + AHEAD }, (_, i) => first + i * DAY_MS)
}

const rangeOf = (daily: DailyTable, dayMs: number): KeyRange => ({
  from: daily.least(dayMs),
  to: daily.least(dayMs + DAY_MS),
})

const defaultOf = ({ table }: DailyTable): string => `${table}_default`
const nameOf = ({ table }: DailyTable, dayMs: number): string =>
  `${table}_${new Date(dayMs).toISOString().slice(0, 10).replaceAll('-', '')}`

async function isPartitioned(tx: Tx, table: string): Promise<boolean> {
  const { rows } = await sql<{ kind: string }>`
    select relkind as kind from pg_class where oid = ${table}::regclass`.execute(tx)
  return rows[0]?.kind === 'p'
}

/** In the order of days. */
async function daysOf(tx: Tx, { table }: DailyTable): Promise<{ name: string; dayMs: number }[]> {
  const { rows } = await sql<{ name: string }>`
    select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = ${table}::regclass order by c.relname collate "C"`.execute(tx)
  return rows.flatMap(({ name }) => {
    const [, year, month, day] = /_(\d{4})(\d\d)(\d\d)$/.exec(name) ?? []
    return year === undefined ? [] : [{ name, dayMs: Date.parse(`${year}-${month}-${day}T00:00:00Z`) }]
  })
}

/** Of what the default partition has of that day, too. */
async function make(tx: Tx, daily: DailyTable, dayMs: number): Promise<void> {
  const [name, rest] = [sql.table(nameOf(daily, dayMs)), sql.table(defaultOf(daily))]
  const { from, to } = rangeOf(daily, dayMs)
  const values = sql`for values from (${sql.lit(from)}) to (${sql.lit(to)})`
  const ofDay = sql`${sql.ref(daily.key)} >= ${sql.lit(from)} and ${sql.ref(daily.key)} < ${sql.lit(to)}`
  const { rows } = await sql`select 1 from ${rest} where ${ofDay} limit 1`.execute(tx)
  if (rows.length === 0) {
    await sql`create table ${name} partition of ${sql.table(daily.table)} ${values}`.execute(tx)
    return
  }
  await sql`create table ${name} (like ${sql.table(daily.table)} including all)`.execute(tx)
  await sql`with moved as (delete from ${rest} where ${ofDay} returning *)
    insert into ${name} select * from moved`.execute(tx)
  await sql`alter table ${sql.table(daily.table)} attach partition ${name} ${values}`.execute(tx)
}

async function patiently(tx: Tx, work: () => Promise<unknown>): Promise<void> {
  await sql`set local lock_timeout = ${sql.lit(LOCK_WAIT)}`.execute(tx)
  await work()
  await sql`set local lock_timeout to default`.execute(tx)
}

/** Indexes and constraints keep their names, by which migrations know them. */
async function convert(tx: Tx, daily: DailyTable, nowMs: number): Promise<void> {
  const { table, key } = daily
  const before = `${table}_plain`
  await sql`set local statement_timeout = 0`.execute(tx)
  const constraints = await sql<{ name: string; definition: string }>`
    select conname as name, pg_get_constraintdef(oid) as definition from pg_constraint
    where conrelid = ${table}::regclass and contype in ('p', 'u') order by conname`.execute(tx)
  const indexes = await sql<{ definition: string }>`
    select indexdef as definition from pg_indexes
    where schemaname = current_schema() and tablename = ${table}
      and indexname not in (select conname from pg_constraint where conrelid = ${table}::regclass)`.execute(
    tx,
  )
  await sql`alter table ${sql.table(table)} rename to ${sql.table(before)}`.execute(tx)
  await sql`create table ${sql.table(table)}
    (like ${sql.table(before)} including defaults including constraints including storage)
    partition by range (${sql.ref(key)})`.execute(tx)
  await sql`create table ${sql.table(defaultOf(daily))} partition of ${sql.table(table)} default`.execute(tx)
  const { rows } = await sql`select 1 from ${sql.table(before)} limit 1`.execute(tx)
  if (rows.length > 0) {
    for (const day of daysFrom(nowMs, BEHIND)) await make(tx, daily, day)
    await sql`insert into ${sql.table(table)} select * from ${sql.table(before)}`.execute(tx)
  }
  await sql`drop table ${sql.table(before)}`.execute(tx)
  for (const { name, definition } of constraints.rows)
    await sql`alter table ${sql.table(table)} add constraint ${sql.ref(name)} ${sql.raw(definition)}`.execute(
      tx,
    )
  for (const { definition } of indexes.rows) await sql.raw(definition).execute(tx)
}
