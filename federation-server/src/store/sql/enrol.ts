import { sql } from 'kysely'
import type { EnrolResult, NewClient } from '../store.ts'
import { note, type Tx } from './context.ts'

/** Uses up a token for a new client, or finds the one that it enrolled with this key before. */
export async function enrol(
  db: Tx,
  { id, tokenHash, name, publicKey }: NewClient,
  mostClients: number,
  nowMs: number,
): Promise<EnrolResult> {
  const refused = (reason: string): EnrolResult => ({ kind: 'refused', reason })
  const invitation = await db
    .selectFrom('invitations')
    .selectAll()
    .where('token_hash', '=', tokenHash)
    .executeTakeFirst()
  if (invitation === undefined) return refused('the token is not known here')
  const sampleCap = Number(invitation.sample_cap)
  if (invitation.client_id !== null)
    return invitation.public_key === publicKey
      ? { kind: 'enrolled', id: invitation.client_id, sampleCap, again: true }
      : refused('the token was used before, with another key')
  if (invitation.expires_ms < nowMs) return refused('the token is no longer good')
  if (invitation.name !== null && invitation.name !== name)
    return refused(`the token is for ${invitation.name}, not for ${name}`)
  const others = await db
    .selectFrom('clients')
    .select([
      sql<number>`count(*)`.as('all'),
      sql<number>`coalesce(sum(case when name = ${name} then 1 else 0 end), 0)`.as('namesakes'),
    ])
    .where('state', '=', 'enrolled')
    .executeTakeFirstOrThrow()
  if (Number(others.namesakes) > 0) return { kind: 'conflict', reason: `a client is called ${name} already` }
  if (Number(others.all) >= mostClients)
    return {
      kind: 'conflict',
      reason: `${mostClients} clients are enrolled, the most that clients.max_clients allows`,
    }
  const used = await db
    .selectFrom('client_keys')
    .select('client_id')
    .where('public_key', '=', publicKey)
    .executeTakeFirst()
  if (used !== undefined)
    return { kind: 'conflict', reason: 'the key is that of another client: make a new one' }
  await db
    .insertInto('clients')
    .values({
      id,
      name,
      state: 'enrolled',
      sample_cap: sampleCap,
      trusted: invitation.trusted,
      enrolled_ms: nowMs,
      last_seen_ms: nowMs,
      revoked_ms: null,
    })
    .execute()
  await db
    .insertInto('client_keys')
    .values({ client_id: id, public_key: publicKey, since_ms: nowMs, until_ms: null })
    .execute()
  await db
    .updateTable('invitations')
    .set({ client_id: id, public_key: publicKey })
    .where('id', '=', invitation.id)
    .execute()
  const detail = { name, public_key: publicKey, invitation: invitation.id, trusted: invitation.trusted === 1 }
  await note(db, [{ atMs: nowMs, actor: id, action: 'client.enrolled', subject: id, detail }])
  return { kind: 'enrolled', id, sampleCap, again: false }
}
