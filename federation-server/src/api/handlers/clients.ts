import { federationRoutes } from '@adf/contract/federation'
import { type Endpoints, ProblemError } from '@adf/service'
import { newInvitationToken, tokenHash } from '../../registry/invitation.ts'
import type { ApiPorts } from '../ports.ts'
import { operator } from './runs.ts'

export interface InvitationDefaults {
  readonly sampleCap: number
  readonly validMs: number
}

export function clientEndpoints(endpoints: Endpoints, ports: ApiPorts, defaults: InvitationDefaults): void {
  const { store, coordinator, clock, newId } = ports
  const find = async (id: string) => {
    const client = await store.clients.get(id)
    if (client === undefined) throw new ProblemError('not_found', `there is no client ${id}`)
    return client
  }
  endpoints
    .on(federationRoutes.listClients, ({ query }) => store.clients.page(query))
    .on(federationRoutes.getClient, ({ params }) => find(params.id))
    .on(federationRoutes.revokeClient, async ({ params, body: { note }, caller }) => {
      await find(params.id)
      await store.clients.revoke(params.id, operator(caller), note, clock())
      for (const name of ports.runs.keys()) coordinator.nudge(name)
      return find(params.id)
    })
    .on(federationRoutes.invite, async ({ body, caller }) => {
      const nowMs = clock()
      const token = newInvitationToken()
      const { name, sample_cap = defaults.sampleCap, trusted } = body
      const validMs = body.valid_seconds === undefined ? defaults.validMs : 1000 * body.valid_seconds
      const id = newId()
      const expiresMs = nowMs + validMs
      const invitation = { id, tokenHash: tokenHash(token), name, sampleCap: sample_cap, trusted, expiresMs }
      await store.clients.invite(invitation, operator(caller), nowMs)
      const expires_at = new Date(expiresMs).toISOString()
      return { id, token, name: name ?? null, sample_cap, trusted, expires_at }
    })
}
