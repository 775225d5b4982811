import { sql } from 'kysely'
import { isTaking } from '../../round/round.ts'
import { bufferOf } from '../buffer.ts'
import type { NewUpdate, SubmitResult, SubmitRule } from '../store.ts'
import { instant, note, type Tx } from './context.ts'
import { toRound } from './rounds.ts'
import { countSent } from './sent.ts'

/** Stores an update once, or says why not: what was stored before is never changed by it. */
export async function submit(
  db: Tx,
  update: NewUpdate,
  rule: SubmitRule,
  nowMs: number,
): Promise<SubmitResult> {
  const { run, round, clientId, hash, base } = update
  const refuse = (kind: Exclude<SubmitResult['kind'], 'stored' | 'again'>, detail: string): SubmitResult => ({
    kind,
    detail,
  })
  const client = await db.selectFrom('clients').select('state').where('id', '=', clientId).executeTakeFirst()
  if (client?.state !== 'enrolled') return refuse('revoked', `client ${clientId} was revoked`)
  const earlier = await db
    .selectFrom('updates')
    .select(['id', 'hash', 'counts_in', 'received_ms', 'late', 'conflicts'])
    .where('run', '=', run)
    .where('round', '=', round)
    .where('client_id', '=', clientId)
    .executeTakeFirst()
  const ofRun = db.selectFrom('rounds').selectAll().where('run', '=', run)
  const asked = await ofRun.where('round', '=', round).executeTakeFirst()
  const last = await ofRun.orderBy('round', 'desc').limit(1).executeTakeFirst()
  const latest = last && toRound(last)
  const next = latest === undefined ? round : isTaking(latest.state) ? latest.number : latest.number + 1
  const receipt = (receivedMs: number, late: boolean, countsIn: number | null) => ({
    run,
    round: countsIn ?? next,
    client_id: clientId,
    hash,
    late,
    time: instant(receivedMs),
  })
  if (earlier !== undefined) {
    if (earlier.hash === hash) {
      const countsIn = earlier.counts_in === null ? null : Number(earlier.counts_in)
      return { kind: 'again', receipt: receipt(earlier.received_ms, earlier.late === 1, countsIn) }
    }
    await db
      .updateTable('updates')
      .set({ conflicts: sql`conflicts + 1` })
      .where('id', '=', earlier.id)
      .execute()
    const detail = { stored: earlier.hash, refused: hash }
    const subject = `${run}/${round}`
    // One line tells of it; a client cannot fill the log with more.
    if (Number(earlier.conflicts) === 0)
      await note(db, [{ atMs: nowMs, actor: clientId, action: 'update.conflicting', subject, detail }])
    return refuse('conflict', `another update of round ${round} is stored, with the hash ${earlier.hash}`)
  }
  if (asked === undefined || latest === undefined)
    return refuse('no_round', `run ${run} has no round ${round} yet`)
  if (!rule.anyone && !(await wasSelected(db, update)))
    return refuse('not_selected', `this client was not asked in round ${round} of ${run}`)
  if (['OPEN', 'SELECTED', 'CONFIGURED'].includes(asked.state))
    return refuse('no_round', `round ${round} of ${run} does not collect yet`)
  const { version, committed } = await db
    .selectFrom('runs')
    .select(['version', 'committed'])
    .where('name', '=', run)
    .executeTakeFirstOrThrow()
  if (base > Number(version)) return refuse('unknown_base', `the latest version is ${version}, not ${base}`)
  const behind = Number(version) - base
  if (behind > rule.stalenessLimit)
    return refuse(
      'too_late',
      `it began ${behind} versions ago, ${rule.stalenessLimit} are the most that count`,
    )
  if (Number(committed) >= rule.rounds) return refuse('too_late', `run ${run} is finished`)
  const late = next !== round
  await db
    .insertInto('updates')
    .values({
      id: update.id,
      run,
      round,
      counts_in: null,
      client_id: clientId,
      state: 'pending',
      reason: null,
      findings: '[]',
      base,
      samples: update.samples,
      loss: update.loss ?? null,
      norm: update.norm,
      size: update.body.length,
      hash,
      conflicts: 0,
      late: late ? 1 : 0,
      body: bufferOf(update.body),
      received_ms: nowMs,
      reviewed_ms: null,
      reviewer: null,
      note: null,
    })
    .execute()
  await countSent(db, update)
  return { kind: 'stored', receipt: receipt(nowMs, late, null) }
}

async function wasSelected(db: Tx, { run, round, clientId }: NewUpdate): Promise<boolean> {
  const row = await db
    .selectFrom('selections')
    .select('client_id')
    .where('run', '=', run)
    .where('round', '=', round)
    .where('client_id', '=', clientId)
    .executeTakeFirst()
  return row !== undefined
}
