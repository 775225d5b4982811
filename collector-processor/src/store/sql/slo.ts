import type { GroupCommit } from '@adf/service'
import type { Kysely, Transaction } from 'kysely'
import type { Tables } from '../schema.ts'
import type { SloCounts, SloIndicator, SloSaved, SloStore } from '../store.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
/** Steps of time that are deleted in one transaction, of all services together. */
const STEPS_AT_ONCE = 20

export class SqlSlo implements SloStore {
  readonly #db: Kysely<Tables>
  readonly #commit: GroupCommit<Tables>

  constructor(db: Kysely<Tables>, commit: GroupCommit<Tables>) {
    this.#db = db
    this.#commit = commit
  }

  async indicators(): Promise<SloIndicator[]> {
    const rows = await this.#db
      .selectFrom('slo_indicators')
      .selectAll()
      .orderBy('service')
      .orderBy('indicator')
      .execute()
    return rows.map(({ service, indicator, since_ms, metrics_until_ms }) => ({
      service,
      indicator,
      sinceMs: Number(since_ms),
      metricsUntilMs: metrics_until_ms === null ? null : Number(metrics_until_ms),
    }))
  }

  async counts(service: string, indicator: string): Promise<SloCounts[]> {
    const rows = await this.#db
      .selectFrom('slo_counts')
      .select(['step_ms', 'start_ms', 'total', 'good'])
      .where('service', '=', service)
      .where('indicator', '=', indicator)
      .orderBy('step_ms')
      .orderBy('start_ms')
      .execute()
    return rows.map(({ step_ms, start_ms, total, good }) => ({
      stepMs: Number(step_ms),
      startMs: Number(start_ms),
      total,
      good,
    }))
  }

  async save(rows: readonly SloSaved[]): Promise<void> {
    await this.#commit.write(async (db) => {
      for (const row of rows) await put(db, row)
    })
  }

  forget({ minutesMs, hoursMs }: { minutesMs: number; hoursMs: number }): Promise<number> {
    return this.#commit.write(
      async (db) =>
        (await forgetSteps(db, MINUTE_MS, minutesMs)) +
        (await forgetSteps(db, HOUR_MS, hoursMs)) +
        (await forgetIndicators(db, hoursMs)),
    )
  }
}

async function put(
  db: Transaction<Tables>,
  { service, indicator, sinceMs, metricsUntilMs, counts }: SloSaved,
): Promise<void> {
  // whole milliseconds, as the columns are; rounded so that no span counts again that metrics counted
  const times = {
    since_ms: Math.floor(sinceMs),
    metrics_until_ms: metricsUntilMs === null ? null : Math.ceil(metricsUntilMs),
  }
  await db
    .insertInto('slo_indicators')
    .values({ service, indicator, ...times })
    .onConflict((conflict) => conflict.columns(['service', 'indicator']).doUpdateSet(times))
    .execute()
  for (const { stepMs, startMs, total, good } of counts)
    await db
      .insertInto('slo_counts')
      .values({ service, indicator, step_ms: stepMs, start_ms: startMs, total, good })
      .onConflict((conflict) =>
        conflict.columns(['service', 'indicator', 'step_ms', 'start_ms']).doUpdateSet({ total, good }),
      )
      .execute()
}

/** The oldest steps first, a few at a time. */
async function forgetSteps(db: Transaction<Tables>, stepMs: number, beforeMs: number): Promise<number> {
  const { oldest } = await db
    .selectFrom('slo_counts')
    .select(({ fn }) => fn.min<number | null>('start_ms').as('oldest'))
    .where('step_ms', '=', stepMs)
    .executeTakeFirstOrThrow()
  if (oldest === null || Number(oldest) >= beforeMs) return 0
  const { numDeletedRows } = await db
    .deleteFrom('slo_counts')
    .where('step_ms', '=', stepMs)
    .where('start_ms', '<', Math.min(beforeMs, Number(oldest) + STEPS_AT_ONCE * stepMs))
    .executeTakeFirst()
  return Number(numDeletedRows)
}

/** Those of which no count is left. */
async function forgetIndicators(db: Transaction<Tables>, beforeMs: number): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('slo_indicators')
    .where('since_ms', '<', beforeMs)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('slo_counts')
            .select('slo_counts.start_ms')
            .whereRef('slo_counts.service', '=', 'slo_indicators.service')
            .whereRef('slo_counts.indicator', '=', 'slo_indicators.indicator'),
        ),
      ),
    )
    .executeTakeFirst()
  return Number(numDeletedRows)
}
