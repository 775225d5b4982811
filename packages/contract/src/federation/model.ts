import { z } from 'zod'

const size = z.int().min(1).max(4096)

/** The shape of a run's network; sizes as `weightLayers` of the detectors allows them. */
export const NetworkShape = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('lstm'), inputs: size, hidden: size, layers: z.int().min(1).max(32) }),
    z.strictObject({ kind: z.literal('autoencoder'), inputs: size, hidden: z.array(size).min(1).max(32) }),
    z.strictObject({
      kind: z.literal('tcn'),
      inputs: size,
      channels: size,
      kernel: size,
      dilations: z.array(size).min(1).max(32),
    }),
  ])
  .meta({ id: 'NetworkShape' })
export type NetworkShape = z.infer<typeof NetworkShape>

/** What a client trains: one model for one stream. A client takes part only when its stream has these features in this order. */
export const FederatedModel = z
  .strictObject({
    stream: z.string().min(1).max(64),
    features: z.array(z.string().min(1).max(128)).min(1).max(4096),
    network: NetworkShape,
    seed: z.int().min(0).max(0xffff_ffff).meta({
      description: 'version 0 is `initialWeights(network, seed)`, and is never sent',
    }),
  })
  .meta({ id: 'FederatedModel' })
export type FederatedModel = z.infer<typeof FederatedModel>
