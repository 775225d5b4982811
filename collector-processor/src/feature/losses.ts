import { Counter, type Registry } from 'prom-client'

export type EventReason =
  | 'unknown_stream'
  | 'no_entity'
  | 'no_number'
  | 'bad_time'
  | 'future'
  | 'entity_limit'
  | 'queue_full'
  | 'not_here'

/** Everything that the features leave out, counted by reason. */
export class Losses {
  readonly late: Counter<'signal' | 'reason'>
  readonly points: Counter<'reason'>
  readonly gaps: Counter
  readonly resets: Counter
  readonly entities: Counter<'kind'>
  readonly events: Counter<'reason'>
  readonly vectors: Counter

  constructor(registry: Registry) {
    const registers = [registry]
    this.late = new Counter({
      name: 'adf_feature_late_total',
      help: 'Spans and log records left out of the windows: too late, too far in the future, or no room (full).',
      labelNames: ['signal', 'reason'],
      registers,
    })
    this.points = new Counter({
      name: 'adf_feature_points_ignored_total',
      help: 'Metric data points that could not be used for a feature.',
      labelNames: ['reason'],
      registers,
    })
    this.gaps = new Counter({
      name: 'adf_feature_gaps_total',
      help: 'Delta points that do not begin where the one before ended.',
      registers,
    })
    this.resets = new Counter({
      name: 'adf_feature_resets_total',
      help: 'Cumulative series that began anew.',
      registers,
    })
    this.entities = new Counter({
      name: 'adf_feature_entities_refused_total',
      help: 'Batches or events of entities that are not scored because max_entities are.',
      labelNames: ['kind'],
      registers,
    })
    this.events = new Counter({
      name: 'adf_feature_events_refused_total',
      help: 'Events of declared streams that gave no vector.',
      labelNames: ['reason'],
      registers,
    })
    this.vectors = new Counter({
      name: 'adf_feature_vectors_dropped_total',
      help: 'Metric vectors dropped because too many waited for the next step.',
      registers,
    })
  }
}
