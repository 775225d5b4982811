import { z } from 'zod'
import { Instant } from '../scalar.ts'
import { Bytes } from './run.ts'
import { ClientId, RoundNumber, RunName, Sha256, Version } from './scalar.ts'

export const RoundState = z
  .enum([
    'OPEN',
    'SELECTED',
    'CONFIGURED',
    'COLLECTING',
    'VALIDATING',
    'AGGREGATING',
    'COMMITTED',
    'ABANDONED',
  ])
  .meta({ id: 'RoundState' })
export type RoundState = z.infer<typeof RoundState>

export const Round = z
  .strictObject({
    run: RunName,
    round: RoundNumber,
    state: RoundState,
    base: Version,
    version: Version.nullable().meta({ description: 'what it made; null until committed' }),
    opened_at: Instant,
    deadline: Instant.nullable(),
    closed_at: Instant.nullable(),
    selected: z.int().min(0),
    received: z.int().min(0),
    used: z.int().min(0).meta({ description: 'updates that the aggregate was made of' }),
    late: z.int().min(0),
    left_out: z.record(z.string(), z.int().min(0)).meta({ description: 'reason -> updates' }),
    reason: z.string().nullable().meta({ description: 'why it was abandoned' }),
    loss: z.number().nullable().meta({
      description:
        'mean of what the clients found on data that they held out, before training; weighted by samples',
    }),
    bytes: Bytes,
  })
  .meta({ id: 'Round' })
export type Round = z.infer<typeof Round>

export const RoundPage = z
  .strictObject({ items: z.array(Round), next_cursor: z.string().nullable() })
  .meta({ id: 'RoundPage' })

/**
 * `pending`: in a round that has not ended. `aggregated`: in a global version. `quarantined`: held back, waits for a review. `released`: reviewed, counts
 * in the next round. `rejected`: reviewed, or left out for a reason.
 */
export const UpdateState = z
  .enum(['pending', 'aggregated', 'quarantined', 'released', 'rejected'])
  .meta({ id: 'UpdateState' })
export type UpdateState = z.infer<typeof UpdateState>

export const UpdateFinding = z
  .strictObject({
    kind: z.string().meta({ example: 'direction' }),
    suspicion: z.number().min(0).max(1),
    text: z.string(),
  })
  .meta({ id: 'UpdateFinding' })

/** One client's update, without its values: those never leave the server. */
export const Update = z
  .strictObject({
    id: z.string(),
    run: RunName,
    round: RoundNumber,
    client_id: ClientId,
    client: z.string(),
    state: UpdateState,
    reason: z.string().nullable(),
    findings: z.array(UpdateFinding),
    base: Version,
    samples: z.int().min(1),
    bytes: z.int().min(0),
    norm: z.number().min(0).nullable(),
    hash: Sha256,
    received_at: Instant,
    reviewed_at: Instant.nullable(),
    reviewer: z.string().nullable(),
    note: z.string().nullable(),
  })
  .meta({ id: 'Update' })
export type Update = z.infer<typeof Update>

export const UpdatePage = z
  .strictObject({ items: z.array(Update), next_cursor: z.string().nullable() })
  .meta({ id: 'UpdatePage' })

export const ReviewRequest = z
  .strictObject({
    note: z.string().max(4096).optional(),
    reviewer: z.string().max(256).optional(),
  })
  .meta({ id: 'ReviewRequest' })
export type ReviewRequest = z.infer<typeof ReviewRequest>
