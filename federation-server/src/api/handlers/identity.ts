import { federationRoutes } from '@adf/contract/federation'
import { provesRotation } from '@adf/federation/signature'
import { ProblemError } from '@adf/service'
import { z } from 'zod'
import { tokenHash } from '../../registry/invitation.ts'
import type { ApiPorts } from '../ports.ts'
import type { SignedEndpoints } from '../signed.ts'

const WithKey = federationRoutes.enrol.body.schema.pick({ public_key: true }).catchall(z.unknown())

/** Enrolment, and the change of a key. */
export function identityEndpoints(
  endpoints: SignedEndpoints,
  { store, clock, newId }: ApiPorts,
  { maxClients }: { maxClients: number },
): void {
  endpoints
    .on(
      federationRoutes.enrol,
      async ({ body: { token, name, public_key } }) => {
        const nowMs = clock()
        const client = { id: newId(), tokenHash: tokenHash(token), name, publicKey: public_key }
        const result = await store.clients.enrol(client, maxClients, nowMs)
        if (result.kind === 'refused') throw new ProblemError('invitation_refused', result.reason)
        if (result.kind === 'conflict') throw new ProblemError('conflict', result.reason)
        return { client_id: result.id, sample_cap: result.sampleCap, time: new Date(nowMs).toISOString() }
      },
      { enrolling: (body) => WithKey.parse(body).public_key },
    )
    .on(federationRoutes.rotateKey, async ({ params, body: { public_key, proof }, caller }) => {
      if (params.id !== caller)
        throw new ProblemError('forbidden', `client ${caller} cannot change the key of another`)
      if (!proves(caller, public_key, proof))
        throw new ProblemError('invalid_request', 'proof: it is not a signature of the new key over its text')
      const result = await store.clients.changeKey(caller, public_key, clock())
      if (result.kind === 'too_soon') {
        const seconds = Math.ceil(result.waitMs / 1000)
        throw new ProblemError(
          'too_many_requests',
          `the key was changed less than a minute ago; wait ${seconds} s`,
          { headers: { 'retry-after': String(seconds) } },
        )
      }
      return undefined
    })
}

function proves(clientId: string, publicKey: string, proof: string): boolean {
  try {
    return provesRotation(clientId, publicKey, proof)
  } catch {
    // 32 bytes that are no point of the curve.
    return false
  }
}
