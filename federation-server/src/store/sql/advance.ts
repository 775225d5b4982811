import { fenceOf } from '@adf/service'
import { sql } from 'kysely'
import { DRIVING } from '../../round/driving.ts'
import { bufferOf } from '../buffer.ts'
import { type Committed, OutOfTurn, type RoundChange } from '../store.ts'
import { note, type Tx } from './context.ts'
import { writeSecure } from './secure-phases.ts'

/** Writes one durable step of a round. */
export async function advance(db: Tx, change: RoundChange, fence: number): Promise<void> {
  await assertTurn(db, change, fence)
  const { run, round, selected, work, close, judged, committed, audit } = change
  const fields = {
    state: round.state,
    version: round.version ?? null,
    deadline_ms: round.deadlineMs ?? null,
    closed_ms: round.closedMs ?? null,
    reason: round.reason ?? null,
  }
  const key = { run, round: round.number }
  if (change.from === undefined)
    await db
      .insertInto('rounds')
      .values({
        ...key,
        ...fields,
        base: round.base,
        opened_ms: round.openedMs,
        work: null,
        ...{ received: 0, late: 0, used: 0, left_out: '{}', loss: null, up: 0, down: 0 },
      })
      .execute()
  else
    await db
      .updateTable('rounds')
      .set({ ...fields, ...(work !== undefined && { work }) })
      .where('run', '=', run)
      .where('round', '=', round.number)
      .execute()
  for (const clients of portions(selected ?? []))
    await db
      .insertInto('selections')
      .values(clients.map((client_id) => ({ ...key, client_id })))
      .execute()
  await writeSecure(db, change)
  if (close !== undefined) await closeRound(db, run, round.number)
  if (judged !== undefined) await writeJudgements(db, change, judged)
  if (committed !== undefined) await commitVersion(db, change, committed)
  if (round.state === 'ABANDONED') await handBack(db, run, round.number)
  await note(db, audit)
}

async function assertTurn(db: Tx, { run, round, from }: RoundChange, fence: number): Promise<void> {
  if (((await fenceOf(db, DRIVING)) ?? 0) !== fence)
    throw new OutOfTurn('another server drives the rounds now')
  const row = await db
    .selectFrom('rounds')
    .select('state')
    .where('run', '=', run)
    .where('round', '=', round.number)
    .executeTakeFirst()
  if (row?.state !== from)
    throw new OutOfTurn(
      `round ${round.number} of ${run} is ${row?.state ?? 'not there'}, not ${from ?? 'new'}`,
    )
}

/** From here on it is fixed which updates count: those that come now do in a later round. */
async function closeRound(db: Tx, run: string, round: number): Promise<void> {
  await db
    .updateTable('updates')
    .set({ counts_in: round, late: sql`case when round < ${round} then 1 else 0 end` })
    .where('run', '=', run)
    .where('counts_in', 'is', null)
    .where('state', 'in', ['pending', 'released'])
    .execute()
  const { received, late } = await db
    .selectFrom('updates')
    .select([sql<number>`count(*)`.as('received'), sql<number>`coalesce(sum(late), 0)`.as('late')])
    .where('run', '=', run)
    .where('counts_in', '=', round)
    .executeTakeFirstOrThrow()
  await db
    .updateTable('rounds')
    .set({ received: Number(received), late: Number(late) })
    .where('run', '=', run)
    .where('round', '=', round)
    .execute()
}

async function writeJudgements(
  db: Tx,
  { run, round }: RoundChange,
  judged: NonNullable<RoundChange['judged']>,
): Promise<void> {
  const leftOut: Record<string, number> = {}
  for (const { id, state, reason = null, findings } of judged.judgements) {
    if (state !== 'pending') {
      const kind = state === 'quarantined' ? state : (reason ?? state)
      leftOut[kind] = (leftOut[kind] ?? 0) + 1
    }
    // As it was stored.
    if (state === 'pending' && reason === null && findings.length === 0) continue
    await db
      .updateTable('updates')
      .set({
        reason,
        findings: JSON.stringify(findings),
        // One that counts keeps saying that it was released.
        ...(state !== 'pending' && { state }),
        ...(state === 'rejected' && { body: null }),
      })
      .where('id', '=', id)
      // Not one whose client was revoked meanwhile.
      .where('state', 'in', ['pending', 'released'])
      .execute()
  }
  await db
    .updateTable('rounds')
    .set({ left_out: JSON.stringify(leftOut) })
    .where('run', '=', run)
    .where('round', '=', round.number)
    .execute()
  if (judged.poisoning !== undefined)
    await db
      .updateTable('run_memory')
      .set({ poisoning: bufferOf(judged.poisoning) })
      .where('run', '=', run)
      .execute()
  for (const clients of portions([...judged.reputations]))
    await db
      .with('looked(client_id, reputation)', () => looked(clients))
      .updateTable('holdings')
      .from('looked')
      .set((of) => ({ reputation: of.ref('looked.reputation') }))
      .where('run', '=', run)
      .whereRef('holdings.client_id', '=', 'looked.client_id')
      .execute()
  await boundQuarantine(db, run, judged.quarantineLimit)
}

/** Rows of one statement: far below what engines bind at once. */
const PORTION = 500

function* portions<T>(rows: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < rows.length; from += PORTION) yield rows.slice(from, from + PORTION)
}

/** With types: PostgreSQL takes values that nothing gives one for text. */
const looked = (clients: readonly (readonly [string, number])[]) =>
  sql<{ client_id: string; reputation: number }>`(values ${sql.join(
    clients.map(
      ([client, reputation]) => sql`(cast(${client} as text), cast(${reputation} as double precision))`,
    ),
  )})`

/** Nobody reviewed the oldest for so long that newer ones need their room. */
async function boundQuarantine(db: Tx, run: string, limit: number): Promise<void> {
  const rows = await db
    .selectFrom('updates')
    .select('id')
    .where('run', '=', run)
    .where('state', '=', 'quarantined')
    .orderBy('id', 'desc')
    .offset(limit)
    .limit(1_000_000)
    .execute()
  for (const { id } of rows)
    await db
      .updateTable('updates')
      .set({ state: 'rejected', reason: 'not_reviewed', body: null })
      .where('id', '=', id)
      .execute()
}

async function commitVersion(db: Tx, { run, round, nowMs }: RoundChange, made: Committed): Promise<void> {
  const { version, hash, memory, history, loss = null } = made
  await db
    .insertInto('versions')
    .values({
      run,
      version,
      hash,
      weights: bufferOf(made.weights),
      delta: bufferOf(made.delta),
      created_ms: nowMs,
    })
    .execute()
  await db
    .updateTable('versions')
    .set({ weights: null, delta: null })
    .where('run', '=', run)
    .where('version', '<=', version - history)
    .where('weights', 'is not', null)
    .execute()
  await db
    .updateTable('run_memory')
    .set({ weights: bufferOf(memory.weights), optimiser: bufferOf(memory.optimiser) })
    .where('run', '=', run)
    .execute()
  await db
    .updateTable('runs')
    .set({ version, committed: sql`committed + 1` })
    .where('name', '=', run)
    .execute()
  const leftOut = await leftOutOf(db, run, round.number)
  for (const { id, reason } of made.leftOut) {
    leftOut[reason] = (leftOut[reason] ?? 0) + 1
    await db
      .updateTable('updates')
      .set({ state: 'rejected', reason, body: null })
      .where('id', '=', id)
      .execute()
  }
  await db
    .updateTable('updates')
    .set({ state: 'aggregated', body: null })
    .where('run', '=', run)
    .where('counts_in', '=', round.number)
    .where('state', 'in', ['pending', 'released'])
    .execute()
  await db
    .updateTable('rounds')
    .set({ used: made.used.length, loss, left_out: JSON.stringify(leftOut) })
    .where('run', '=', run)
    .where('round', '=', round.number)
    .execute()
  if (made.last)
    await db
      .updateTable('updates')
      .set({ state: 'rejected', reason: 'run_finished', body: null })
      .where('run', '=', run)
      .where('state', 'in', ['pending', 'released'])
      .execute()
}

async function leftOutOf(db: Tx, run: string, round: number): Promise<Record<string, number>> {
  const { left_out } = await db
    .selectFrom('rounds')
    .select('left_out')
    .where('run', '=', run)
    .where('round', '=', round)
    .executeTakeFirstOrThrow()
  return JSON.parse(left_out)
}

/** The updates of an abandoned round count in the next one, unless something was wrong with them. */
async function handBack(db: Tx, run: string, round: number): Promise<void> {
  await db
    .updateTable('updates')
    .set({ counts_in: null })
    .where('run', '=', run)
    .where('counts_in', '=', round)
    .where('state', 'in', ['pending', 'released'])
    .execute()
  await db.updateTable('runs').set({ abandoned: sql`abandoned + 1` }).where('name', '=', run).execute()
}
