export { Config } from './config.ts'
export { CausalGraph } from './graph/causal-graph.ts'
export type { GraphOptions } from './graph/options.ts'
export { rankRootCauses } from './rootcause/rank.ts'
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
