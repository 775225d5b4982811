import type { VerdictValue } from '@adf/contract'
import { type CalibratedDetector, type Judgement, NetworkDetector, type Stopwatch } from '@adf/detectors'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { Entities } from './state/entities.ts'
import type { EntityState } from './state/entity-state.ts'

/** Counts of one detector since the start. */
export interface ModelTally {
  readonly model: string
  vectors: number
  anomalies: number
  /** Running mean of its squared reconstruction error; undefined for a detector that has none. */
  error: number | undefined
}

/** Kinds of detectors that reconstruct or foretell a vector; a raw score of the first two is a distance, that is squared here. */
const RECONSTRUCTING: ReadonlySet<string> = new Set(['pca', 'subsequence-pca', 'network'])
/** Weight of a vector in the running mean. */
const ERROR_WEIGHT = 0.01

export type SkipReason = 'warming_up' | 'loading' | 'too_many_entities' | 'scored_before' | 'elsewhere'

/** One vector in so many is timed: reading the clock for each would cost as much as a small detector. */
export const TIMED_EVERY = 16

/**
 * Metrics of scoring. What changes with every vector is kept in plain numbers and read when Prometheus scrapes, so that the hot
 * path never touches a label.
 */
export class ScoringMetrics {
  readonly models = new Map<string, ModelTally>()
  readonly skipped: Record<SkipReason, number> = {
    warming_up: 0,
    loading: 0,
    too_many_entities: 0,
    scored_before: 0,
    elsewhere: 0,
  }
  scored = 0
  /** Infinite values, taken for missing. */
  valuesIgnored = 0
  /** Scores that the history by the minute has no room for. */
  minutesMissed = 0
  readonly watch: Stopwatch
  readonly evicted: Counter
  readonly statesRefused: Counter<'reason'>
  readonly relearned: Counter
  readonly drifts: Counter
  readonly workerRestarts: Counter
  readonly jobs: Counter<'kind' | 'outcome'>
  readonly stateFailures: Counter<'operation'>
  readonly #truePositives: Counter<'model'>
  readonly #falsePositives: Counter<'model'>
  readonly #withdrawn: Counter<'model' | 'verdict'>

  constructor(registry: Registry, models: readonly string[], entities: Entities, seconds: () => number) {
    const registers = [registry]
    for (const model of models) this.models.set(model, { model, vectors: 0, anomalies: 0, error: undefined })
    const { models: tallies, skipped } = this
    const scored = () => this.scored
    const valuesIgnored = () => this.valuesIgnored
    const minutesMissed = () => this.minutesMissed

    const gauge = (name: string, help: string, value: (state: EntityState, score: number) => number) =>
      new Gauge({
        name,
        help,
        labelNames: ['stream', 'entity'],
        registers,
        collect() {
          this.reset()
          for (const state of entities) {
            const { stream, entity, score } = state
            if (score !== undefined) this.set({ stream: stream.name, entity: entity.id }, value(state, score))
          }
        },
      })
    gauge('adf_anomaly_score', 'Score of the latest vector, 0 to 1.', (_, score) => score)
    gauge(
      'adf_anomaly_severity',
      'Score of the latest vector without its upper end; 2 at least when a fixed limit is violated. Anomalous when >= adf_anomaly_threshold.',
      ({ severity }, score) => severity ?? score,
    )
    gauge(
      'adf_anomaly_threshold',
      'Severity from which a vector is anomalous, 0 to 2.',
      ({ threshold }) => threshold,
    )
    new Gauge({
      name: 'adf_scored_entities',
      help: 'Entities whose state is held.',
      registers,
      collect() {
        this.set(entities.size)
      },
    })
    new Counter({
      name: 'adf_vectors_scored_total',
      help: 'Feature vectors that got a score.',
      registers,
      collect() {
        this.reset()
        this.inc(scored())
      },
    })
    new Counter({
      name: 'adf_vectors_skipped_total',
      help: 'Feature vectors that got no score, by reason.',
      labelNames: ['reason'],
      registers,
      collect() {
        this.reset()
        for (const [reason, count] of Object.entries(skipped)) this.inc({ reason }, count)
      },
    })
    new Counter({
      name: 'adf_vector_values_ignored_total',
      help: 'Values of feature vectors that were infinite and were taken for missing.',
      registers,
      collect() {
        this.reset()
        this.inc(valuesIgnored())
      },
    })
    new Counter({
      name: 'adf_scores_missed_total',
      help: 'Scores that are not in the history by the minute: hours late, or of times that go to and fro.',
      registers,
      collect() {
        this.reset()
        this.inc(minutesMissed())
      },
    })
    new Counter({
      name: 'detector_anomalies_total',
      help: 'Vectors whose score by this detector reached the threshold.',
      labelNames: ['model'],
      registers,
      collect() {
        this.reset()
        for (const { model, anomalies } of tallies.values()) this.inc({ model }, anomalies)
      },
    })
    registerThroughput(registry, tallies, seconds)
    const latency = new Histogram({
      name: 'detector_latency_seconds',
      help: `Time to score one vector (one in ${TIMED_EVERY} is timed).`,
      labelNames: ['model'],
      buckets: [1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 1e-3, 1e-2],
      registers,
    })
    let startedAt = 0
    this.watch = {
      start: () => {
        startedAt = seconds()
      },
      stop: (model) => latency.observe({ model }, seconds() - startedAt),
    }
    new Gauge({
      name: 'detector_reconstruction_error',
      help: 'Running mean of the square of what the detector did not foretell or reconstruct of a vector, in standard deviations.',
      labelNames: ['model'],
      registers,
      collect() {
        for (const { model, error } of tallies.values()) if (error !== undefined) this.set({ model }, error)
      },
    })
    const counter = <L extends string>(name: string, help: string, labelNames: L[]) =>
      new Counter<L>({ name, help, labelNames, registers })
    this.#truePositives = counter(
      'detector_true_positives_total',
      'Anomalies that an operator confirmed; less detector_verdicts_withdrawn_total it is what stands.',
      ['model'],
    )
    this.#falsePositives = counter(
      'detector_false_positives_total',
      'Anomalies that an operator refuted; less detector_verdicts_withdrawn_total it is what stands.',
      ['model'],
    )
    this.#withdrawn = counter(
      'detector_verdicts_withdrawn_total',
      'Anomalies whose verdict was changed or taken back, by the verdict that stands no longer.',
      ['model', 'verdict'],
    )
    this.evicted = counter(
      'adf_entities_evicted_total',
      'Entities put out to make room: silent ones, and for want of memory the newest.',
      [],
    )
    this.statesRefused = counter(
      'adf_detector_states_refused_total',
      'Saved states that could not be used.',
      ['reason'],
    )
    this.relearned = counter(
      'adf_entities_relearned_total',
      'Entities learned anew since their new level lasted.',
      [],
    )
    this.drifts = counter('adf_drifts_total', 'Changes of what is normal that lasted.', [])
    this.workerRestarts = counter('adf_training_worker_restarts_total', 'Training threads that died.', [])
    this.jobs = counter('adf_training_jobs_total', 'Training jobs by kind and outcome.', ['kind', 'outcome'])
    this.stateFailures = counter('adf_detector_state_failures_total', 'Failed loads and saves of state.', [
      'operation',
    ])
    for (const model of models) {
      this.#truePositives.inc({ model }, 0)
      this.#falsePositives.inc({ model }, 0)
      for (const verdict of ['true_positive', 'false_positive']) this.#withdrawn.inc({ model, verdict }, 0)
    }
  }

  /** A vector was scored by a detector. */
  count(model: string): ModelTally | undefined {
    const tally = this.models.get(model)
    if (tally !== undefined) tally.vectors++
    return tally
  }

  /** A vector was judged by a panel. */
  judged(panel: readonly CalibratedDetector[], { raw }: Judgement): void {
    for (let m = 0; m < panel.length; m++) {
      const { member, detector } = panel[m]!
      const tally = detector === undefined ? undefined : this.count(member.name)
      if (tally === undefined || !RECONSTRUCTING.has(member.detector.kind)) continue
      const error = detector instanceof NetworkDetector ? detector.reconstructionError : raw[m]! ** 2
      tally.error ??= 0
      tally.error += ERROR_WEIGHT * (error - tally.error)
    }
  }

  /** A vector reached the threshold by a detector. */
  found(model: string): void {
    const tally = this.models.get(model)
    if (tally !== undefined) tally.anomalies++
  }

  /** @param previous what stands no longer: a counter never falls, so it is counted apart */
  verdict(model: string, verdict: VerdictValue | null, previous: VerdictValue | null): void {
    if (!this.models.has(model)) return
    if (previous !== null) this.#withdrawn.inc({ model, verdict: previous })
    if (verdict === 'true_positive') this.#truePositives.inc({ model })
    else if (verdict === 'false_positive') this.#falsePositives.inc({ model })
  }
}

/** Vectors per second between two scrapes that are at least a second apart. */
function registerThroughput(
  registry: Registry,
  tallies: ReadonlyMap<string, ModelTally>,
  seconds: () => number,
) {
  let since = seconds()
  const before = new Map<string, number>()
  new Gauge({
    name: 'detector_throughput_mps',
    help: 'Messages (feature vectors) scored per second, since the scrape before.',
    labelNames: ['model'],
    registers: [registry],
    collect() {
      const now = seconds()
      if (now - since < 1) return
      for (const { model, vectors } of tallies.values()) {
        this.set({ model }, (vectors - (before.get(model) ?? 0)) / (now - since))
        before.set(model, vectors)
      }
      since = now
    },
  })
}
