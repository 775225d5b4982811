import { z } from 'zod'
import { Instant } from '../scalar.ts'
import { FederatedModel } from './model.ts'
import { RoundNumber, RunName, Sha256, Version } from './scalar.ts'

export const RunState = z.enum(['running', 'paused', 'finished']).meta({ id: 'RunState' })
export type RunState = z.infer<typeof RunState>

export const Bytes = z
  .strictObject({
    up: z.int().min(0).meta({ description: 'bodies of updates, from clients' }),
    down: z.int().min(0).meta({ description: 'bodies of models and deltas, to clients' }),
  })
  .meta({ id: 'FederationBytes' })

/** (ε, δ)-differential privacy that has been spent on each client's data so far; null: no noise is asked for. */
export const PrivacySpent = z
  .strictObject({ epsilon: z.number().min(0), delta: z.number().positive().max(1) })
  .meta({ id: 'PrivacySpent' })

export const Run = z
  .strictObject({
    run: RunName,
    model: FederatedModel,
    state: RunState,
    version: Version,
    hash: Sha256,
    rounds: z.strictObject({
      planned: z.int().min(1),
      committed: z.int().min(0),
      abandoned: z.int().min(0),
      open: RoundNumber.nullable(),
    }),
    aggregator: z.string().meta({
      description: 'pre-steps and rule',
      example: 'norm-clipping+nearest-neighbour-mixing+trimmed-mean',
    }),
    min_clients_per_round: z.int().min(1),
    secure_aggregation: z.boolean(),
    privacy: PrivacySpent.nullable(),
    bytes: Bytes,
  })
  .meta({ id: 'Run' })
export type Run = z.infer<typeof Run>

export const RunStateRequest = z
  .strictObject({ state: z.enum(['running', 'paused']) })
  .meta({ id: 'RunStateRequest' })
export type RunStateRequest = z.infer<typeof RunStateRequest>

/** `GET /api/status` of the federation server. */
export const FederationStatus = z
  .strictObject({
    version: z.string(),
    started_at: Instant,
    at: Instant,
    ready: z.boolean(),
    runs: z.array(Run),
    clients: z.strictObject({
      enrolled: z.int().min(0),
      seen: z.int().min(0).meta({ description: 'polled within the last round deadline' }),
      revoked: z.int().min(0),
    }),
    quarantined: z.int().min(0).meta({ description: 'updates that wait for a review' }),
  })
  .meta({ id: 'FederationStatus' })
export type FederationStatus = z.infer<typeof FederationStatus>
