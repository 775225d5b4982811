import type { Entity } from '@adf/contract'
import { ModelError, ruleScore } from '@adf/detectors'
import type { Registry } from 'prom-client'
import { ScoringMetrics, type SkipReason, TIMED_EVERY } from './metrics.ts'
import type { ScoringOptions } from './options.ts'
import type { DetectorStateStore, Frozen, ThresholdStore } from './ports.ts'
import type { Scored } from './scored.ts'
import { Entities } from './state/entities.ts'
import { EntityState } from './state/entity-state.ts'
import { StateKeeper } from './state/keeper.ts'
import { StreamModels } from './stream-models.ts'
import { Thresholds } from './thresholds.ts'
import { InlineTrainer, type Trainer } from './training/trainer.ts'
import { WorkerTrainer } from './training/worker-trainer.ts'
import type { FeatureVector, StreamSpec } from './vector.ts'
import { contributionsOf } from './words.ts'

export interface ScoringPorts {
  readonly registry: Registry
  readonly thresholds: ThresholdStore
  /** Left out: nothing is brought back or saved. */
  readonly states?: DetectorStateStore | undefined
  /** Default: never. */
  readonly frozen?: Frozen
  /** Something went wrong that scoring survives: a refused state, a failed save, a dead training thread. */
  readonly warn: (message: string, error: unknown) => void
  /** Monotonic seconds for the detectors' own metrics; default `performance.now`. */
  readonly seconds?: () => number
}

/**
 * Vectors → scores. Per stream and entity it keeps what is normal, learns from every vector that is neither anomalous nor part
 * of an open incident, and has its calibration refitted off the hot path. docs/detection.md says how and why.
 */
export class ScoringEngine {
  readonly name = 'scoring'
  readonly #options: ScoringOptions
  readonly #entities: Entities
  readonly #thresholds: Thresholds
  readonly #states: DetectorStateStore | undefined
  readonly #keeper: StateKeeper | undefined
  readonly #metrics: ScoringMetrics
  readonly #trainer: Trainer
  readonly #frozen: Frozen
  readonly #warn: (message: string, error: unknown) => void
  readonly #seconds: () => number
  readonly #models = new Map<string, StreamModels>()
  readonly #loading = new Map<EntityState, Promise<boolean>>()
  /** An entity whose learned anomalies outnumber its normal vectors by so many is learned anew. */
  readonly #relearnAfter: number
  #timer: NodeJS.Timeout | undefined
  #vectors = 0

  constructor(options: ScoringOptions, ports: ScoringPorts) {
    this.#options = options
    this.#frozen = ports.frozen ?? (() => false)
    this.#warn = ports.warn
    this.#seconds = ports.seconds ?? (() => performance.now() / 1000)
    this.#entities = new Entities(options.maxEntities, options.staleAfterMs)
    this.#metrics = new ScoringMetrics(ports.registry, options.detectors, this.#entities, this.#seconds)
    this.#thresholds = new Thresholds(ports.thresholds, options.initialThreshold)
    this.#states = ports.states
    this.#keeper = ports.states && new StateKeeper(this.#entities, ports.states)
    this.#relearnAfter = Math.max(4 * options.refitEvery, 2 * options.warmUp)
    this.#trainer =
      options.training === 'inline'
        ? new InlineTrainer()
        : new WorkerTrainer((error) => {
            this.#metrics.workerRestarts.inc()
            this.#warn('the training thread died and is started again', error)
          })
  }

  async start(): Promise<void> {
    await this.#thresholds.load()
    await this.#trainer.start()
    this.#timer = setInterval(() => void this.save(), this.#options.stateIntervalMs)
    this.#timer.unref()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#trainer.stop()
    await Promise.allSettled(this.#loading.values())
    await this.#saving(this.#keeper?.saveAll())
  }

  /** The score of a vector; undefined while its entity warms up, unless a fixed limit is violated, and when there is no room. */
  score(vector: FeatureVector): Scored | undefined {
    const state = this.#entities.use(vector.stream.name, vector.entity.id) ?? this.#admit(vector)
    if (state === undefined) return this.#skip('too_many_entities')
    state.timeMs = vector.timeMs
    const timed = this.#vectors++ % TIMED_EVERY === 0
    const rules = this.#modelsOf(vector.stream).rules
    const limits = rules === undefined ? 0 : ruleScore(this.#judge(rules.name, timed, rules, vector.values))
    if (this.#loading.has(state))
      return limits > 0 ? this.#scored(vector, state, limits, 0) : this.#skip('loading')

    const { learner } = state
    const raw = learner?.ready ? this.#judge('robust', timed, learner, vector.values) : 0
    const learned = learner?.calibrated(raw) ?? 0
    const ready = learner === undefined || learner.ready
    if (learner !== undefined) this.#learn(state, vector.values, raw, learned, limits)
    if (!ready && limits === 0) return this.#skip('warming_up')
    return this.#scored(vector, state, limits, learned)
  }

  /** Brings back the saved state of an entity before its first vector. False: there is none that can be used. */
  async restore(stream: StreamSpec, entity: Entity): Promise<boolean> {
    const known = this.#entities.get(stream.name, entity.id)
    if (known !== undefined) return (await this.#loading.get(known)) ?? true
    const state = this.#admit({ stream, entity, timeMs: 0 })
    return state === undefined ? false : ((await this.#loading.get(state)) ?? false)
  }

  threshold(stream: string, entityId: string): number {
    return this.#thresholds.get(stream, entityId)
  }

  /** Resolves when the new threshold is committed; it holds from then on. */
  async setThreshold(stream: string, entityId: string, threshold: number): Promise<void> {
    await this.#thresholds.set(stream, entityId, threshold)
    const state = this.#entities.get(stream, entityId)
    if (state !== undefined) state.threshold = threshold
  }

  /** An operator's word on an anomaly, for the metrics of the detector that found it. */
  verdict(detector: string, verdict: 'true_positive' | 'false_positive'): void {
    this.#metrics.verdict(detector, verdict)
  }

  /** Saves what was learned since the last save. Failures are counted and told, never thrown: the next save tries again. */
  save(): Promise<void> {
    return this.#saving(this.#keeper?.save())
  }

  #admit({ stream, entity, timeMs }: Pick<FeatureVector, 'stream' | 'entity' | 'timeMs'>) {
    const threshold = this.#thresholds.get(stream.name, entity.id)
    const state = new EntityState(stream, entity, threshold, this.#modelsOf(stream).learner)
    const { added, evicted } = this.#entities.add(state, timeMs)
    if (!added) return undefined
    if (evicted !== undefined) {
      this.#metrics.evicted.inc()
      if (evicted.dirty) void this.#saving(this.#keeper?.write([evicted]))
    }
    if (this.#states !== undefined && state.learner !== undefined)
      this.#loading.set(
        state,
        this.#load(state, this.#states).finally(() => this.#loading.delete(state)),
      )
    return state
  }

  async #load(state: EntityState, states: DetectorStateStore): Promise<boolean> {
    const { stream, entity } = state
    let bytes: Uint8Array | undefined
    try {
      bytes = await states.load(stream.name, entity.id)
    } catch (error) {
      this.#metrics.stateFailures.inc({ operation: 'load' })
      this.#warn(`state of ${stream.name} ${entity.id} could not be read; it is learned anew`, error)
    }
    if (bytes === undefined) return false
    try {
      state.restore(bytes)
      return true
    } catch (error) {
      if (!(error instanceof ModelError)) throw error
      this.#metrics.statesRefused.inc({ reason: error.code })
      this.#warn(`state of ${stream.name} ${entity.id} was refused; it is learned anew`, error)
      return false
    }
  }

  #modelsOf(stream: StreamSpec): StreamModels {
    let models = this.#models.get(stream.name)
    if (models === undefined) {
      models = new StreamModels(stream, this.#options)
      this.#models.set(stream.name, models)
    }
    return models
  }

  #judge(
    model: string,
    timed: boolean,
    detector: { score(values: Float64Array): number },
    values: Float64Array,
  ): number {
    const tally = this.#metrics.models.get(model)
    if (tally !== undefined) tally.vectors++
    if (!timed) return detector.score(values)
    const start = this.#seconds()
    const raw = detector.score(values)
    this.#metrics.latency.observe({ model }, this.#seconds() - start)
    return raw
  }

  #learn(state: EntityState, values: Float64Array, raw: number, learned: number, limits: number): void {
    const { learner } = state
    if (learner === undefined) return
    const odd = learner.ready && learned >= state.threshold
    state.anomalous = odd
      ? Math.min(this.#relearnAfter, state.anomalous + 1)
      : Math.max(0, state.anomalous - 1)
    state.frozen = this.#frozen(state.entity.id) ? state.frozen + 1 : 0
    const normal =
      !odd && limits < state.threshold && (state.frozen === 0 || state.frozen > this.#relearnAfter)
    if (normal && learner.ready) learner.learn(values, raw)
    const lasting = learner.ready && state.anomalous > this.#relearnAfter - this.#options.warmUp
    if (lasting || (normal && !learner.ready)) learner.sample(values)
    else if (learner.ready) learner.forgetSample()
    state.dirty = true
    const job = learner.due()
    if (job === undefined) return
    const { kind } = job
    const anew = learner.ready && kind === 'warm_up'
    this.#trainer.submit(job, (result) => {
      this.#metrics.jobs.inc({ kind, outcome: result === undefined ? 'lost' : 'done' })
      if (result === undefined) return learner.lose()
      learner.finish(result)
      state.dirty = true
      if (!anew) return
      state.anomalous = 0
      this.#metrics.relearned.inc()
    })
  }

  #scored(vector: FeatureVector, state: EntityState, limits: number, learned: number): Scored {
    const { threshold } = state
    const score = Math.max(limits, learned)
    const anomalous = score >= threshold
    const { models } = this.#metrics
    if (limits > 0 && limits >= threshold) models.get('rules')!.anomalies++
    if (state.learner !== undefined && learned >= threshold) models.get('robust')!.anomalies++
    this.#metrics.scored++
    state.score = score
    const detector = limits > 0 && limits >= learned ? 'rules' : state.learner ? 'robust' : 'rules'
    const contributions = anomalous ? this.#explain(vector, state, detector === 'rules') : []
    return { vector, score, threshold, anomalous, detector, type: 'point', contributions }
  }

  #explain({ stream, values }: FeatureVector, state: EntityState, limited: boolean) {
    const detector = limited ? this.#modelsOf(stream).rules : state.learner?.detector
    return detector === undefined
      ? []
      : contributionsOf(stream.features, values, detector.explain(values), limited)
  }

  #skip(reason: SkipReason): undefined {
    this.#metrics.skipped[reason]++
    return undefined
  }

  async #saving(saving: Promise<void> | undefined): Promise<void> {
    try {
      await saving
    } catch (error) {
      this.#metrics.stateFailures.inc({ operation: 'save' })
      this.#warn('learned state could not be saved; the next save tries again', error)
    }
  }
}
