import { z } from 'zod'
import { Instant } from '../scalar.ts'
import { Bytes } from './run.ts'
import { ClientId, RunName, Version } from './scalar.ts'

export const Client = z
  .strictObject({
    id: ClientId,
    name: z.string(),
    state: z.enum(['enrolled', 'revoked']),
    enrolled_at: Instant,
    key_since: Instant.meta({ description: 'when its key was last changed' }),
    last_seen_at: Instant.nullable(),
    sample_cap: z.int().min(1),
    trusted: z.boolean().meta({
      description:
        'its updates are never held back; with the rule `fl_trust` they are what others are measured by, and do not count themselves',
    }),
    reputation: z
      .number()
      .min(0)
      .max(1)
      .meta({ description: 'the lowest of its runs; 1 is a client without a finding' }),
    updates: z.strictObject({
      received: z.int().min(0),
      aggregated: z.int().min(0),
      quarantined: z.int().min(0),
      rejected: z.int().min(0),
    }),
    bytes: Bytes,
    holding: z.array(z.strictObject({ run: RunName, version: Version })),
  })
  .meta({ id: 'FederationClient' })
export type Client = z.infer<typeof Client>

export const ClientPage = z
  .strictObject({ items: z.array(Client), next_cursor: z.string().nullable() })
  .meta({ id: 'FederationClientPage' })

/** An invitation: its token enrols one client, once. */
export const InvitationRequest = z
  .strictObject({
    name: z
      .string()
      .min(1)
      .max(128)
      .optional()
      .meta({ description: 'the only name that it is good for; left out: any' }),
    sample_cap: z.int().min(1).optional().meta({ description: "left out: the server's default" }),
    trusted: z
      .boolean()
      .default(false)
      .meta({ description: "for the operator's own client, whose data are known to be clean: see `Client`" }),
    valid_seconds: z.number().positive().max(2_592_000).optional(),
  })
  .meta({ id: 'InvitationRequest' })
export type InvitationRequest = z.infer<typeof InvitationRequest>

export const Invitation = z
  .strictObject({
    id: z.string(),
    token: z.string().meta({ description: 'shown only now: the server keeps its hash' }),
    name: z.string().nullable(),
    sample_cap: z.int().min(1),
    trusted: z.boolean(),
    expires_at: Instant,
  })
  .meta({ id: 'Invitation' })
export type Invitation = z.infer<typeof Invitation>
