import { z } from 'zod'
import { Instant } from '../scalar.ts'
import { FederatedModel } from './model.ts'
import { RoundNumber, RunName, Sha256, Version } from './scalar.ts'

/** What a client holds: acknowledges the version, so that the server knows that a delta reaches it. */
export const Holding = z
  .strictObject({ run: RunName, version: Version, hash: Sha256 })
  .meta({ id: 'Holding', description: '`hash` is over the float32 values, little-endian' })
export type Holding = z.infer<typeof Holding>

export const WorkRequest = z
  .strictObject({
    holding: z.array(Holding).max(64).default([]),
    streams: z
      .array(z.string().min(1).max(64))
      .max(64)
      .meta({ description: 'streams that the client has data of, to train on' }),
    watching: z.array(z.string().min(1).max(64)).max(64).default([]).meta({
      description: 'further streams that it only wants the weights of: no round asks it for an update',
    }),
    wait_seconds: z.number().min(0).max(60).default(0).meta({
      description: 'the answer is held back so long while there is nothing to do',
    }),
  })
  .meta({ id: 'WorkRequest' })
export type WorkRequest = z.infer<typeof WorkRequest>

/** How a client is to train in a round. */
export const Training = z
  .strictObject({
    epochs: z.int().min(1).max(1000),
    batch_size: z.int().min(1).max(4096),
    learning_rate: z.number().positive().max(1),
    proximal: z.number().min(0).max(100).meta({
      description: 'μ of FedProx: how strongly the weights are held near the global ones; 0: FedAvg',
    }),
  })
  .meta({ id: 'Training' })
export type Training = z.infer<typeof Training>

/** The client shortens its update to `clip_norm` and adds Gaussian noise of deviation `noise_multiplier` × `clip_norm` to each value. */
export const ClientPrivacy = z
  .strictObject({ clip_norm: z.number().positive(), noise_multiplier: z.number().positive() })
  .meta({ id: 'ClientPrivacy' })
export type ClientPrivacy = z.infer<typeof ClientPrivacy>

export const RoundWork = z
  .strictObject({
    round: RoundNumber,
    base: Version.meta({ description: 'the version to begin with' }),
    deadline: Instant.meta({ description: 'later updates count for less, in a later round' }),
    training: Training,
    step: z.number().positive().max(15).meta({
      description:
        'quantisation step of the update, in root mean squares of a block (docs/formats/update.md)',
    }),
    privacy: ClientPrivacy.nullable(),
    secure_aggregation: z.boolean(),
  })
  .meta({ id: 'RoundWork' })
export type RoundWork = z.infer<typeof RoundWork>

export const RunWork = z
  .strictObject({
    run: RunName,
    version: Version.meta({ description: 'the latest global version' }),
    hash: Sha256.meta({ description: 'of its float32 values, little-endian' }),
    round: RoundWork.nullable().meta({
      description:
        'what this client is asked for; null: not selected, already delivered, or no round is collecting',
    }),
  })
  .meta({ id: 'RunWork' })
export type RunWork = z.infer<typeof RunWork>

export const Work = z
  .strictObject({
    time: Instant,
    runs: z.array(RunWork).meta({ description: "the runs of the client's streams" }),
    poll_seconds: z
      .number()
      .min(0)
      .meta({ description: 'ask again after so long; 0: at once, with `wait_seconds`' }),
  })
  .meta({ id: 'Work' })
export type Work = z.infer<typeof Work>

/** A run as a client needs to know it, once. */
export const RunModel = z.strictObject({ run: RunName, model: FederatedModel }).meta({ id: 'RunModel' })
export type RunModel = z.infer<typeof RunModel>
