import { z } from 'zod'
import { Instant } from '../scalar.ts'
import { ClientId, PublicKey } from './scalar.ts'

/** A new client's request, signed with the key that it brings: proof that it has the other half. */
export const EnrolmentRequest = z
  .strictObject({
    token: z.string().min(1).max(256).meta({ description: 'one-time token of the operator' }),
    name: z.string().min(1).max(128).meta({ description: 'what people call the site' }),
    public_key: PublicKey,
  })
  .meta({ id: 'EnrolmentRequest' })
export type EnrolmentRequest = z.infer<typeof EnrolmentRequest>

/** The same token and key again get the same answer, in case the first was lost on its way. */
export const Enrolment = z
  .strictObject({
    client_id: ClientId,
    sample_cap: z
      .int()
      .min(1)
      .meta({ description: 'the most samples that an update of this client counts for' }),
    time: Instant.meta({
      description: 'clock of the server: requests are refused that are signed far from it',
    }),
  })
  .meta({ id: 'Enrolment' })
export type Enrolment = z.infer<typeof Enrolment>

/** Signed with the key in force; `proof` is the signature of the new key over the text `adf-key:CLIENT_ID:PUBLIC_KEY`. */
export const KeyRotation = z
  .strictObject({
    public_key: PublicKey,
    proof: z
      .string()
      .regex(/^[A-Za-z0-9_-]{86}$/)
      .meta({ description: '64 bytes in base64url' }),
  })
  .meta({ id: 'KeyRotation' })
export type KeyRotation = z.infer<typeof KeyRotation>
