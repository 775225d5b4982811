export { createProcessor, type Processor, type ProcessorOptions } from './app.ts'
export { Config, DEFAULT_PATH } from './config.ts'
export { configFaults } from './config-faults.ts'
export { scoringOptions } from './engine-options.ts'
export { HOST_STREAM, SERVICE_STREAM } from './feature/builtin-streams.ts'
export { FeatureExtractor } from './feature/extractor.ts'
export { CausalGraph } from './graph/causal-graph.ts'
export { registerServiceGraphMetrics } from './graph/metrics.ts'
export type { GraphOptions } from './graph/options.ts'
export type { IncidentChange } from './incident/ports.ts'
export type { RequestsOf } from './logs/evidence.ts'
export { LogMining } from './logs/log-mining.ts'
export type { LogOptions, LogSlots } from './logs/options.ts'
export { runProcessor } from './main.ts'
export { Pipeline, type PipelineOutputs } from './pipeline.ts'
export { Intake } from './receiver/intake.ts'
export { encodeJsonRequest } from './receiver/json/encode.ts'
export { JsonError } from './receiver/json/scalar.ts'
export { Refusal } from './receiver/refusal.ts'
export {
  type EvidenceWindow,
  type LogEvidence,
  type MetricEvidence,
  NO_QUIET_EDGES,
} from './rootcause/evidence.ts'
export { type RankingInput, rankingOf, rankRootCauses } from './rootcause/rank.ts'
export { type Clues, type Reasoning, reasonAbout } from './rootcause/reasoning.ts'
export { type Sample, samplesAsEvidence } from './rootcause/samples.ts'
export { ScoringEngine } from './scoring/engine.ts'
export { noiseOf } from './scoring/noise.ts'
export type { FeatureVector, StreamSpec } from './scoring/vector.ts'
export { ALERT_NAME } from './slo/burn-alerts.ts'
export { SloEngine } from './slo/engine.ts'
export { DEFAULT_NAME, type Objective } from './slo/objective.ts'
export { type ReadObjectives, readObjectives } from './slo/objectives.ts'
export { THIRTY_DAYS } from './slo/period.ts'
export { BURN_ALERTS, BURN_WINDOWS } from './slo/windows.ts'
export { demandText } from './slo/words.ts'
export { migrations } from './store/migrations/index.ts'
export { ROLE } from './store/open.ts'
export { openSqliteStore } from './store/sqlite.ts'
export type { Store } from './store/store.ts'
export {
  type LogBatch,
  type MetricBatch,
  type SpanBatch,
  SpanKind,
  StatusCode,
  type TelemetrySink,
} from './telemetry/batch.ts'
export { LogBatchBuilder, type PlainLog } from './telemetry/log-builder.ts'
export { MetricBatchBuilder, type PlainPoint } from './telemetry/metric-builder.ts'
export { type PlainSpan, SpanBatchBuilder } from './telemetry/span-builder.ts'
export { createTables, type TableLimits, type TelemetryTables } from './telemetry/tables.ts'
export { type Anomalous, type ImpactedCause, TraceAnalysis } from './trace-analysis.ts'
