import { Counter, Gauge, type Registry } from 'prom-client'

/** Metrics of the tuning loop. Labels are fixed words; never an entity. */
export class TuningMetrics {
  readonly steps: Counter<'outcome' | 'action'>
  readonly rounds: Counter<'outcome'>
  readonly left: Counter<'reason'>
  readonly frozen: Gauge
  readonly entities: Gauge
  readonly pending: Gauge

  constructor(registry: Registry) {
    const registers = [registry]
    const counter = <L extends string>(name: string, help: string, labelNames: L[]) =>
      new Counter({ name, help, labelNames, registers })
    const gauge = (name: string, help: string) => new Gauge({ name, help, registers })
    this.steps = counter(
      'adf_tuner_steps_total',
      'Steps of the threshold tuner, by outcome (applied, dry_run, refused, rolled_back) and action.',
      ['outcome', 'action'],
    )
    this.rounds = counter(
      'adf_tuner_rounds_total',
      'Looks of the tuner at all thresholds: done, failed (tried again), elsewhere (another replica tunes), frozen.',
      ['outcome'],
    )
    this.left = counter(
      'adf_tuner_entities_left_total',
      'Entities that a look left out, by reason: too_many, unreachable, refused (a number that cannot be).',
      ['reason'],
    )
    this.frozen = gauge('adf_tuner_frozen', '1 while all of the tuner is frozen.')
    this.entities = gauge('adf_tuner_entities', 'Entities whose thresholds were looked at last.')
    this.pending = gauge('adf_tuner_pending_steps', 'Steps that a processor does not have yet.')
  }
}
