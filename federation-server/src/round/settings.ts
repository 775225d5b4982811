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
  readonly secureAggregation: boolean
  /** Of rounds with secure aggregation. */
  readonly masking: MaskingSettings
  readonly poisoning: { readonly enabled: boolean; readonly quarantineLimit: number }
}

interface MaskingSettings {
  /** Share of the selected clients that must survive. */
  readonly threshold: number
  /** Values beyond ± this are cut to it. */
  readonly clip: number
  readonly sampleCap: number
  /** How long each phase after the first may take. */
  readonly phaseMs: number
}

/** Coordinates of shares are of one byte. */
const MOST_MASKED = 255
/** Without noise; weights seldom change by so much in a round. */
const USUAL_CLIP = 1
/** Deviations of the noise beyond which there is none, of any number of values. */
const NOISE_REACH = 8

export function runSettings(federated: Config['federated'], run: RunConfig): RunSettings {
  const { coordinator, quantisation, poisoning_detection, secure_aggregation } = federated
  const privacy = run.privacy ?? federated.privacy
  return {
    model: modelOf(run),
    rounds: run.num_rounds ?? coordinator.num_rounds,
    minClients: run.min_clients_per_round ?? coordinator.min_clients_per_round,
    deadlineMs: coordinator.round_deadline,
    asynchronous: coordinator.mode === 'asynchronous',
    bufferSize: coordinator.buffer_size,
    quorum: coordinator.quorum,
    selection: secure_aggregation ? atMost(coordinator.selection) : coordinator.selection,
    gatherMs: coordinator.gather,
    presenceMs: coordinator.presence,
    stalenessLimit: coordinator.staleness_limit,
    history: coordinator.history,
    maxNormRatio: coordinator.max_norm_ratio,
    training: run.training ?? federated.training,
    aggregation: run.aggregation ?? federated.aggregation,
    optimiser: run.optimiser ?? federated.optimiser,
    quantisation,
    privacy,
    secureAggregation: secure_aggregation,
    masking: maskingOf(federated.masking, privacy),
    poisoning: {
      enabled: poisoning_detection.enabled,
      quarantineLimit: poisoning_detection.quarantine_limit,
    },
  }
}

const atMost = (selection: RunSettings['selection']): RunSettings['selection'] => ({
  ...selection,
  count: Math.min(MOST_MASKED, selection.count ?? MOST_MASKED),
})

function maskingOf(
  { threshold, clip, sample_cap, phase_deadline }: Config['federated']['masking'],
  privacy: RunSettings['privacy'],
): MaskingSettings {
  const noisy = privacy && privacy.clip_norm * (1 + NOISE_REACH * privacy.noise_multiplier)
  return {
    threshold,
    clip: clip ?? noisy ?? USUAL_CLIP,
    // With privacy every update counts for one sample: the whole precision is for the values then.
    sampleCap: privacy === undefined ? sample_cap : 1,
    phaseMs: phase_deadline,
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
