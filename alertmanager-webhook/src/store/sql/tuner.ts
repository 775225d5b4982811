import { TunerStep } from '@adf/contract/feedback'
import { fenceOf } from '@adf/service'
import type { Selectable } from 'kysely'
import type { Tables } from '../schema.ts'
import type { AuditLine, Page } from '../store.ts'
import {
  type Freeze,
  OutOfTurn,
  type TunerChange,
  type TunerKey,
  type TunerState,
  type TunerStore,
} from '../tuner-store.ts'
import { type Context, cursorAt, given, note, pageOf, placeOf } from './context.ts'

export class SqlTuner implements TunerStore {
  readonly #context: Context

  constructor(context: Context) {
    this.#context = context
  }

  async change(
    { states, steps, audit }: TunerChange,
    lease: { readonly name: string; readonly fence: number },
  ): Promise<void> {
    await this.#context.commit.write(async (db) => {
      if ((await fenceOf(db, lease.name)) !== lease.fence)
        throw new OutOfTurn(`another tunes: lease ${lease.name}`)
      for (const { stream, entityId = '', state, updatedMs: updated_ms } of states)
        await db
          .insertInto('tuner_states')
          .values({ stream, entity_id: entityId, state, updated_ms })
          .onConflict((conflict) =>
            conflict.columns(['stream', 'entity_id']).doUpdateSet({ state, updated_ms }),
          )
          .execute()
      for (const step of steps) {
        const { id, at, stream, entity_id, outcome } = step
        const changed = { outcome, step: JSON.stringify(step) }
        await db
          .insertInto('tuner_steps')
          .values({ id, at_ms: Date.parse(at), stream, entity_id, ...changed })
          .onConflict((conflict) => conflict.column('id').doUpdateSet(changed))
          .execute()
      }
      await note(db, audit)
    })
  }

  async state({ stream, entityId = '' }: TunerKey): Promise<TunerState | undefined> {
    const row = await this.#context.db
      .selectFrom('tuner_states')
      .selectAll()
      .where('stream', '=', stream)
      .where('entity_id', '=', entityId)
      .executeTakeFirst()
    return row && toState(row)
  }

  async states(filter: Parameters<TunerStore['states']>[0]): Promise<Page<TunerState>> {
    const { stream, entity, limit, cursor } = filter
    let query = this.#context.db.selectFrom('tuner_states').selectAll()
    if (stream !== undefined) query = query.where('stream', '=', stream)
    if (entity !== undefined) query = query.where('entity_id', '=', entity)
    if (cursor !== undefined) {
      const [after = '', id = ''] = cursor.split('\n')
      query = query.where((where) =>
        where.or([
          where('stream', '>', after),
          where.and([where('stream', '=', after), where('entity_id', '>', id)]),
        ]),
      )
    }
    const rows = await query
      .orderBy('stream')
      .orderBy('entity_id')
      .limit(limit + 1)
      .execute()
    return pageOf(rows, limit, (row) => `${row.stream}\n${row.entity_id}`, toState)
  }

  async step(id: string): Promise<TunerStep | undefined> {
    const row = await this.#context.db
      .selectFrom('tuner_steps')
      .select('step')
      .where('id', '=', id)
      .executeTakeFirst()
    return row && toStep(row)
  }

  async steps(filter: Parameters<TunerStore['steps']>[0]): Promise<Page<TunerStep>> {
    const { stream, entity, limit, cursor } = filter
    let query = this.#context.db.selectFrom('tuner_steps').selectAll()
    if (stream !== undefined) query = query.where('stream', '=', stream)
    if (entity !== undefined) query = query.where('entity_id', '=', entity)
    if (cursor !== undefined) {
      const { ms, id } = placeOf(cursor)
      query = query.where((where) =>
        where.or([where('at_ms', '<', ms), where.and([where('at_ms', '=', ms), where('id', '<', id)])]),
      )
    }
    const rows = await query
      .orderBy('at_ms', 'desc')
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .execute()
    return pageOf(rows, limit, (row) => cursorAt(Number(row.at_ms), row.id), toStep)
  }

  async stepsWith(outcome: TunerStep['outcome'], limit: number): Promise<TunerStep[]> {
    const rows = await this.#context.db
      .selectFrom('tuner_steps')
      .select('step')
      .where('outcome', '=', outcome)
      .orderBy('at_ms')
      .orderBy('id')
      .limit(limit)
      .execute()
    return rows.map(toStep)
  }

  async freeze(freeze: Freeze, audit: readonly AuditLine[]): Promise<void> {
    const { stream = '', entityId: entity_id = '', reason = null, by, sinceMs: since_ms } = freeze
    await this.#context.commit.write(async (db) => {
      await db
        .insertInto('freezes')
        .values({ stream, entity_id, reason, by, since_ms })
        .onConflict((conflict) =>
          conflict.columns(['stream', 'entity_id']).doUpdateSet({ reason, by, since_ms }),
        )
        .execute()
      await note(db, audit)
    })
  }

  async unfreeze(
    { stream = '', entityId: entity_id = '' }: { stream: string | undefined; entityId: string | undefined },
    audit: readonly AuditLine[],
  ): Promise<void> {
    await this.#context.commit.write(async (db) => {
      let ended = db.deleteFrom('freezes')
      if (stream !== '') ended = ended.where('stream', '=', stream).where('entity_id', '=', entity_id)
      await ended.execute()
      await note(db, audit)
    })
  }

  async freezes(): Promise<Freeze[]> {
    const rows = await this.#context.db
      .selectFrom('freezes')
      .selectAll()
      .orderBy('stream')
      .orderBy('entity_id')
      .execute()
    return rows.map((row) => ({
      stream: row.stream === '' ? undefined : row.stream,
      entityId: row.entity_id === '' ? undefined : row.entity_id,
      reason: given(row.reason),
      by: row.by,
      sinceMs: Number(row.since_ms),
    }))
  }
}

const toState = (row: Selectable<Tables['tuner_states']>): TunerState => ({
  stream: row.stream,
  entityId: row.entity_id === '' ? undefined : row.entity_id,
  state: row.state,
  updatedMs: Number(row.updated_ms),
})

const toStep = ({ step }: { step: string }): TunerStep => TunerStep.parse(JSON.parse(step))
