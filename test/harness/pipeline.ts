import type { Incident } from '@adf/contract'
import { seeded } from '@adf/detectors'
import {
  Config,
  createTables,
  Pipeline,
  type PlainSpan,
  ScoringEngine,
  SpanBatchBuilder,
  scoringOptions,
} from '@adf/processor'
import { Registry } from 'prom-client'

/** The whole pipeline without sockets, on a clock of its own: spans in, incidents out. */
export async function startPipeline(config: Record<string, unknown>, startMs: number) {
  const parsed = Config.parse(config)
  const registry = new Registry()
  const incidents = new Map<string, Incident>()
  const failures: unknown[] = []
  let now = startMs
  let ids = 0
  const scoring = new ScoringEngine(scoringOptions(parsed, 'inline'), {
    registry,
    thresholds: { all: async () => [], version: async () => 0, since: async () => [] },
    disturbance: (entity) => pipeline.disturbance(entity),
    warn: () => {},
  })
  const pipeline: Pipeline = new Pipeline({
    config: parsed,
    clock: () => now,
    rng: seeded(1),
    newId: () => String(++ids).padStart(8, '0'),
    registry,
    scoring,
    outputs: {
      anomaly: () => {},
      joined: () => {},
      happened: () => {},
      incident: (incident) => incidents.set(incident.id, incident),
      left: () => {},
      failed: (error) => failures.push(error),
    },
  })
  const builder = new SpanBatchBuilder(createTables(parsed.receiver, registry))
  await scoring.start()
  return {
    incidents,
    failures,
    /** Takes the spans, and ends the step at `nowMs`. */
    step(spans: readonly PlainSpan[], nowMs: number) {
      now = nowMs
      builder.reset()
      for (const span of spans) builder.add(span)
      pipeline.spans(builder.batch, nowMs)
      pipeline.advance(nowMs)
    },
    stop: () => scoring.stop(),
  }
}
