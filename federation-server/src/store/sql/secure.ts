import { sql } from 'kysely'
import { isOver } from '../../round/round.ts'
import { type SecureStep, stepPhases } from '../../round/secure/phases.ts'
import { bufferOf } from '../buffer.ts'
import type {
  NewSecureMessage,
  PutResult,
  SecureKey,
  SecureMessage,
  SecureRoundRow,
  SecureStore,
} from '../secure-store.ts'
import { type Context, given, note, type Tx } from './context.ts'
import { toRound } from './rounds.ts'
import { secureRow } from './secure-phases.ts'
import { countSent } from './sent.ts'

export class SqlSecure implements SecureStore {
  readonly #context: Context

  constructor(context: Context) {
    this.#context = context
  }

  async get(run: string, round: number): Promise<SecureRoundRow | undefined> {
    return find(this.#context.db, run, round)
  }

  async known(key: SecureKey): Promise<string | undefined> {
    return (await stored(this.#context.db, key))?.hash
  }

  put(message: NewSecureMessage, nowMs: number): Promise<PutResult> {
    return this.#context.commit.write((db) => put(db, message, nowMs))
  }

  async messages(run: string, round: number, step: SecureStep): Promise<SecureMessage[]> {
    const rows = await this.#of(run, round, step).select(['client_id', 'body', 'public_key']).execute()
    return rows.flatMap(({ client_id: clientId, body, public_key }) =>
      body === null ? [] : [{ clientId, body, publicKey: given(public_key) }],
    )
  }

  async clients(run: string, round: number, step: SecureStep): Promise<string[]> {
    const rows = await this.#of(run, round, step).select('client_id').execute()
    return rows.map(({ client_id }) => client_id)
  }

  async message(key: SecureKey): Promise<Uint8Array | undefined> {
    return given((await stored(this.#context.db, key))?.body ?? null)
  }

  #of(run: string, round: number, step: SecureStep) {
    return this.#context.db
      .selectFrom('secure_messages')
      .where('run', '=', run)
      .where('round', '=', round)
      .where('step', '=', step)
      .orderBy('client_id')
  }
}

async function find(db: Context['db'], run: string, round: number): Promise<SecureRoundRow | undefined> {
  const secure = await secureRow(db, run, round)
  const row = await db
    .selectFrom('rounds')
    .selectAll()
    .where('run', '=', run)
    .where('round', '=', round)
    .executeTakeFirst()
  return secure && row && { ...secure, round: toRound(row) }
}

const stored = (db: Context['db'], { run, round, step, clientId }: SecureKey) =>
  db
    .selectFrom('secure_messages')
    .select(['hash', 'body', 'conflicts'])
    .where('run', '=', run)
    .where('round', '=', round)
    .where('step', '=', step)
    .where('client_id', '=', clientId)
    .executeTakeFirst()

async function put(db: Tx, message: NewSecureMessage, nowMs: number): Promise<PutResult> {
  const { run, round, step, clientId, hash, body, publicKey = null } = message
  const where = `round ${round} of ${run}`
  const client = await db.selectFrom('clients').select('state').where('id', '=', clientId).executeTakeFirst()
  if (client?.state !== 'enrolled') return { kind: 'revoked', detail: `client ${clientId} was revoked` }
  const earlier = await stored(db, message)
  if (earlier?.hash === hash) return { kind: 'again' }
  if (earlier !== undefined) {
    await countConflict(db, message)
    const detail = { step, stored: earlier.hash, refused: hash }
    const line = { atMs: nowMs, actor: clientId, subject: `${run}/${round}`, detail }
    // One line tells of it; a client cannot fill the log with more.
    if (Number(earlier.conflicts) === 0) await note(db, [{ ...line, action: 'secure.conflicting' }])
    return { kind: 'conflict', detail: `another message (${step}) is stored, with the hash ${earlier.hash}` }
  }
  const found = await find(db, run, round)
  if (found === undefined || isOver(found.round.state))
    return { kind: 'over', detail: `${where} is over, or takes no masked updates` }
  if (!(await hasPart(db, message)))
    return { kind: 'not_selected', detail: `this client was not asked in ${where}` }
  const { phase, before } = stepPhases[step]
  if (found.round.state !== 'COLLECTING' || found.phase !== phase)
    return { kind: 'wrong_step', detail: `${where} is ${found.phase}: it takes no ${step}` }
  if (before !== undefined && (await stored(db, { run, round, step: before, clientId })) === undefined)
    return { kind: 'wrong_step', detail: `this client sent no ${before} in ${where}: it has dropped out` }
  await db
    .insertInto('secure_messages')
    .values({
      run,
      round,
      step,
      client_id: clientId,
      hash,
      body: bufferOf(body),
      public_key: publicKey,
      received_ms: nowMs,
      conflicts: 0,
    })
    .execute()
  await countSent(db, message)
  return { kind: 'stored' }
}

const countConflict = (db: Tx, { run, round, step, clientId }: SecureKey) =>
  db
    .updateTable('secure_messages')
    .set({ conflicts: sql`conflicts + 1` })
    .where('run', '=', run)
    .where('round', '=', round)
    .where('step', '=', step)
    .where('client_id', '=', clientId)
    .execute()

const hasPart = async (db: Tx, { run, round, clientId }: SecureKey): Promise<boolean> =>
  (await db
    .selectFrom('selections')
    .select('client_id')
    .where('run', '=', run)
    .where('round', '=', round)
    .where('client_id', '=', clientId)
    .executeTakeFirst()) !== undefined
