export { admit } from './aggregate/admission.ts'
export { AggregationError, type AggregationErrorCode } from './aggregate/aggregation-error.ts'
export type {
  Aggregation,
  AggregationRound,
  Aggregator,
  ClientUpdate,
  LeftOut,
  LeftOutReason,
  Prepared,
  PreStep,
} from './aggregate/aggregator.ts'
export { Bulyan } from './aggregate/bulyan.ts'
export { ClippedMean } from './aggregate/clipped-mean.ts'
export { CoordinateMedian } from './aggregate/coordinate-median.ts'
export { FedAvg } from './aggregate/fed-avg.ts'
export { FlTrust } from './aggregate/fl-trust.ts'
export { GeometricMedian } from './aggregate/geometric-median.ts'
export { Krum } from './aggregate/krum.ts'
export { NearestNeighbourMixing } from './aggregate/nearest-neighbour-mixing.ts'
export { type ClippingLimit, NormClipping } from './aggregate/norm-clipping.ts'
export { Adam } from './aggregate/optimiser/adam.ts'
export { Momentum } from './aggregate/optimiser/momentum.ts'
export { PlainStep } from './aggregate/optimiser/plain-step.ts'
export type {
  OptimiserState,
  OptimiserStep,
  ServerOptimiser,
} from './aggregate/optimiser/server-optimiser.ts'
export { Pipeline } from './aggregate/pipeline.ts'
export { Staleness, stalenessWeight } from './aggregate/staleness.ts'
export { TrimmedMean } from './aggregate/trimmed-mean.ts'
export { createFederationServer, type FederationServer, type FederationServerOptions } from './app.ts'

export { verifyAuditFile } from './audit/file.ts'
export { Config, DEFAULT_PATH } from './config.ts'
export { configFaults } from './config-faults.ts'

export { runFederationServer } from './main.ts'
export type {
  Finding,
  FindingKind,
  InspectedUpdate,
  Inspection,
  LayerSpan,
} from './poisoning/inspection.ts'
export {
  PoisoningDetector,
  type PoisoningOptions,
  type PoisoningState,
} from './poisoning/poisoning-detector.ts'
export { assertUnused } from './store/in-use.ts'
export { migrations } from './store/migrations/index.ts'
export type { Vector } from './vector/dense.ts'
export type { Values } from './vector/vector.ts'
