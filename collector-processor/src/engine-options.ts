import type { Config } from './config.ts'
import type { SloOptions } from './slo/engine.ts'
import type { Objective } from './slo/objective.ts'

/** What the configuration says of scoring. */
export function scoringOptions(
  { edge, store, scores, federation, kafka }: Config,
  training: 'worker' | 'inline' = 'worker',
) {
  const { detection } = edge
  return {
    detectors: detection.detectors,
    compare: detection.compare,
    lstm: { hidden: edge.model.hidden_size, layers: edge.model.num_layers },
    rerank: detection.rerank === 'none' ? undefined : detection.rerank,
    initialThreshold: detection.initial_threshold,
    alertsPerDay: detection.alerts_per_day,
    settle: detection.settle,
    warmUp: detection.warm_up,
    refitEvery: detection.refit_every,
    halfLife: detection.half_life,
    maxEntities: edge.max_entities,
    staleAfterMs: edge.stale_after,
    windowMs: edge.window,
    stateIntervalMs: store.state_interval,
    scoresIntervalMs: scores.save_interval,
    followIntervalMs: store.follow_interval,
    training,
    holdOut: federation.enabled,
    readsAgain: kafka.brokers.length > 0,
  }
}

/** What it says of objectives. */
export function sloOptions({ slo }: Config, objectives: readonly Objective[]): SloOptions {
  return {
    objectives,
    defaults: { objective: slo.objective, services: slo.services },
    maxServices: slo.max_services,
    maxSeries: slo.max_series,
    saveIntervalMs: slo.save_interval,
    alerts: slo.alerts,
  }
}
