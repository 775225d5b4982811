import { SecureParameters } from '@adf/contract/federation'
import { type Kysely, sql } from 'kysely'
import type { SecureSituation } from '../../round/secure/decide.ts'
import { SecurePhase, SecureStep } from '../../round/secure/phases.ts'
import type { Tables } from '../schema.ts'
import type { PhaseChange } from '../secure-store.ts'
import { OutOfTurn, type RoundChange } from '../store.ts'
import type { Tx } from './context.ts'

/** Why updates that wait count no more: the server of secure aggregation looks at no single one. */
const NOT_MASKED = 'not_masked'

/** Where a round of secure aggregation stands; undefined for any other. */
export async function secureSituation(
  db: Kysely<Tables>,
  run: string,
  round: number,
): Promise<SecureSituation | undefined> {
  const row = await secureRow(db, run, round)
  if (row === undefined) return undefined
  const rows = await db
    .selectFrom('secure_messages')
    .innerJoin('clients', 'clients.id', 'secure_messages.client_id')
    .select([
      'step',
      sql<number>`count(*)`.as('count'),
      sql<number>`sum(case when clients.state = 'revoked' then 1 else 0 end)`.as('revoked'),
    ])
    .where('run', '=', run)
    .where('round', '=', round)
    .groupBy('step')
    .execute()
  const of = (step: SecureStep) => rows.find((each) => each.step === step)
  const count = (step: SecureStep) => Number(of(step)?.count ?? 0)
  const { keys, shares, input, confirmation, answer } = SecureStep.enum
  return {
    ...row,
    counts: {
      keys: count(keys),
      shares: count(shares),
      input: count(input),
      confirmation: count(confirmation),
      answer: count(answer),
    },
    revoked: Number(of(input)?.revoked ?? 0),
  }
}

export async function secureRow(db: Kysely<Tables>, run: string, round: number) {
  const row = await db
    .selectFrom('secure_rounds')
    .selectAll()
    .where('run', '=', run)
    .where('round', '=', round)
    .executeTakeFirst()
  return (
    row && {
      phase: SecurePhase.parse(row.phase),
      parameters: SecureParameters.parse(JSON.parse(row.parameters)),
      deadlineMs: row.deadline_ms === null ? undefined : Number(row.deadline_ms),
    }
  )
}

/** What a durable step of a round changes about its secure aggregation. */
export async function writeSecure(db: Tx, { run, round, secure }: RoundChange): Promise<void> {
  if (secure?.begin !== undefined) await begin(db, run, round.number, secure.begin)
  if (secure?.phase !== undefined) await nextPhase(db, run, round.number, secure.phase)
  if (round.closedMs !== undefined) await forgetBodies(db, run, round.number)
}

async function begin(db: Tx, run: string, round: number, parameters: SecureParameters): Promise<void> {
  await db
    .insertInto('secure_rounds')
    .values({ run, round, phase: 'advertising', parameters: JSON.stringify(parameters), deadline_ms: null })
    .execute()
  // Of rounds without masks, before the configuration was another.
  await db
    .updateTable('updates')
    .set({ state: 'rejected', reason: NOT_MASKED, body: null })
    .where('run', '=', run)
    .where('state', 'in', ['pending', 'released', 'quarantined'])
    .execute()
}

async function nextPhase(db: Tx, run: string, round: number, change: PhaseChange): Promise<void> {
  const { numUpdatedRows } = await db
    .updateTable('secure_rounds')
    .set({ phase: change.to, deadline_ms: change.deadlineMs })
    .where('run', '=', run)
    .where('round', '=', round)
    .where('phase', '=', change.from)
    .executeTakeFirstOrThrow()
  if (Number(numUpdatedRows) !== 1)
    throw new OutOfTurn(`round ${round} of ${run} is not ${change.from} any more`)
  if (change.to !== 'confirming') return
  const { received } = await db
    .selectFrom('secure_messages')
    .select(sql<number>`count(*)`.as('received'))
    .where('run', '=', run)
    .where('round', '=', round)
    .where('step', '=', 'input')
    .executeTakeFirstOrThrow()
  await db
    .updateTable('rounds')
    .set({ received: Number(received) })
    .where('run', '=', run)
    .where('round', '=', round)
    .execute()
}

/** Shares and masked inputs are of no use any more. Who sent an input stays: privacy is counted by it. */
async function forgetBodies(db: Tx, run: string, round: number): Promise<void> {
  await db
    .deleteFrom('secure_messages')
    .where('run', '=', run)
    .where('round', '=', round)
    .where('step', '!=', 'input')
    .execute()
  await db
    .updateTable('secure_messages')
    .set({ body: null })
    .where('run', '=', run)
    .where('round', '=', round)
    .execute()
}
