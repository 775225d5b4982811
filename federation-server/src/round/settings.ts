import type { FederatedModel, NetworkShape, Training } from '@adf/contract/federation'
import { networkSpec } from '@adf/detectors'
import type { Config, RunConfig } from '../config.ts'
import type { AggregationSettings, OptimiserSettings } from './rules.ts'

/** All that decides how a run goes. Plain data. */
export interface RunSettings {
  readonly model: FederatedModel
  readonly rounds: number
  readonly minClients: number
  readonly deadlineMs: number
  readonly asynchronous: boolean
  readonly bufferSize: number
  readonly quorum: number
  readonly selection: { readonly fraction: number; readonly count?: number | undefined }
  readonly gatherMs: number
  readonly presenceMs: number
  readonly stalenessLimit: number
  readonly history: number
  readonly maxNormRatio: number
  readonly training: Training
  readonly aggregation: AggregationSettings
  readonly optimiser: OptimiserSettings
  readonly quantisation: { up_first: number; up_first_rounds: number; up: number; down: number }
  readonly privacy: { clip_norm: number; noise_multiplier: number; delta: number } | undefined
  readonly poisoning: { readonly enabled: boolean; readonly quarantineLimit: number }
}

export function runSettings(federated: Config['federated'], run: RunConfig): RunSettings {
  const { coordinator, quantisation, poisoning_detection } = federated
  return {
    model: modelOf(run),
    rounds: run.num_rounds ?? coordinator.num_rounds,
    minClients: run.min_clients_per_round ?? coordinator.min_clients_per_round,
    deadlineMs: coordinator.round_deadline,
    asynchronous: coordinator.mode === 'asynchronous',
    bufferSize: coordinator.buffer_size,
    quorum: coordinator.quorum,
    selection: coordinator.selection,
    gatherMs: coordinator.gather,
    presenceMs: coordinator.presence,
    stalenessLimit: coordinator.staleness_limit,
    history: coordinator.history,
    maxNormRatio: coordinator.max_norm_ratio,
    training: run.training ?? federated.training,
    aggregation: run.aggregation ?? federated.aggregation,
    optimiser: run.optimiser ?? federated.optimiser,
    quantisation,
    privacy: run.privacy ?? federated.privacy,
    poisoning: {
      enabled: poisoning_detection.enabled,
      quarantineLimit: poisoning_detection.quarantine_limit,
    },
  }
}

function modelOf({ stream, features, kind, hidden_size, num_layers, seed }: RunConfig): FederatedModel {
  return { stream, features, network: networkOf(kind, features.length, hidden_size, num_layers), seed }
}

function networkOf(kind: RunConfig['kind'], inputs: number, size: number, count: number): NetworkShape {
  if (kind === 'lstm') return { kind, inputs, hidden: size, layers: count }
  const usual = networkSpec(kind, inputs)
  if (usual.kind === 'autoencoder') return { kind: usual.kind, inputs, hidden: [...usual.hidden] }
  return { kind: 'tcn', inputs, channels: size, kernel: 3, dilations: doubling(count) }
}

/** Each block looks back twice as far, up to the longest that a network may. */
const doubling = (blocks: number): number[] =>
  Array.from({ length: blocks }, (_, i) => Math.min(4096, 2 ** i))

/** Step of the quantisation of updates in a round. */
export const stepUp = (
  { quantisation: { up_first, up_first_rounds, up } }: Pick<RunSettings, 'quantisation'>,
  round: number,
): number => (round <= up_first_rounds ? up_first : up)
