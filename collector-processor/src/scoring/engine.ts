import type { Anomaly, Entity, VerdictValue } from '@adf/contract'
import { type Judgement, ruleScore } from '@adf/detectors'
import type { Registry } from 'prom-client'
import { nodeOf } from '../incident/entity-node.ts'
import type { ScoreBlock } from '../store/score-block.ts'
import type { Fence } from '../store/shard.ts'
import { type Examination, examine } from './examination.ts'
import { blocksOf, SeverityKeeper } from './history/keeper.ts'
import { LevelBuffers } from './history/level-buffers.ts'
import { SeverityMinutes } from './history/minutes.ts'
import { dropInfinite } from './infinite.ts'
import { Learning } from './learning.ts'
import { ScoringMetrics, type SkipReason, TIMED_EVERY } from './metrics.ts'
import { Networks } from './network/networks.ts'
import type { SharedNetwork } from './network/shared-network.ts'
import type { ScoringOptions } from './options.ts'
import type { DetectorStateStore, Disturbance, Homes, ScoreHistoryStore, ThresholdStore } from './ports.ts'
import type { Scored } from './scored.ts'
import { Elsewhere } from './state/elsewhere.ts'
import { Entities } from './state/entities.ts'
import { EntityState } from './state/entity-state.ts'
import { type SaveOptions, StateKeeper } from './state/keeper.ts'
import { StateLoader } from './state/loader.ts'
import { COLD_THRESHOLD, StreamModels } from './stream-models.ts'
import { Thresholds } from './thresholds.ts'
import { InlineTrainer, type Trainer } from './training/trainer.ts'
import { WorkerTrainer } from './training/worker-trainer.ts'
import type { FeatureVector, StreamSpec } from './vector.ts'
import { JUDGED, VerdictLearning } from './verdicts/verdict-learning.ts'
import { weigh } from './weigh.ts'

export interface ScoringPorts {
  readonly registry: Registry
  readonly thresholds: ThresholdStore
  /** Left out: nothing is brought back or saved. */
  readonly states?: DetectorStateStore | undefined
  /** Of shards; left out: there are none. */
  readonly homes?: Homes | undefined
  /** Left out: severities by the minute are not kept. */
  readonly scores?: ScoreHistoryStore | undefined
  /** Default: none. */
  readonly disturbance?: Disturbance
  /** The latest anomalies with a verdict, at most so many; left out: none. */
  readonly judged?: (limit: number) => Promise<readonly Anomaly[]>
  /** ms since the Unix epoch, for homes; default `Date.now`. */
  readonly clock?: () => number
  /** Something went wrong that scoring survives: a refused state, a failed save, a dead training thread. */
  readonly warn: (message: string, error: unknown) => void
  /** Monotonic seconds for the detectors' own metrics; default `performance.now`. */
  readonly seconds?: () => number
}

export interface EntityInspection {
  readonly ready: boolean
  readonly learned: number
  readonly score: number | null
}

/** Silent for so many times `staleAfterMs`, an entity whose state is saved is held no longer. */
const SILENT_TIMES = 3

/**
 * Vectors → scores. Per stream and entity it keeps what is normal, learns from every vector that is neither anomalous nor part
 * of an open incident, and has its calibration refitted off the hot path. docs/detection.md says how and why.
 */
export class ScoringEngine {
  readonly name = 'scoring'
  readonly #options: ScoringOptions
  readonly #entities: Entities
  readonly #thresholds: Thresholds
  readonly #keeper: StateKeeper | undefined
  readonly #minutes: SeverityKeeper | undefined
  readonly #levels = new LevelBuffers()
  readonly #metrics: ScoringMetrics
  readonly #trainer: Trainer
  readonly #learning: Learning
  readonly #warn: (message: string, error: unknown) => void
  readonly #seconds: () => number
  readonly #models = new Map<string, StreamModels>()
  /** Done when the saved weights of their networks are there. */
  readonly #weights = new Map<StreamModels, Promise<void>>()
  readonly #networks: Networks
  readonly #loader: StateLoader | undefined
  readonly #elsewhere: Elsewhere
  readonly #clock: () => number
  readonly #judgedBefore: ScoringPorts['judged']
  readonly #verdicts: VerdictLearning
  readonly #timers: NodeJS.Timeout[] = []
  #vectors = 0
  /** Event time of the latest vector of all. */
  #latestMs = Number.NEGATIVE_INFINITY

  constructor(options: ScoringOptions, ports: ScoringPorts) {
    this.#options = options
    this.#warn = ports.warn
    this.#seconds = ports.seconds ?? (() => performance.now() / 1000)
    this.#entities = new Entities(options.maxEntities, options.staleAfterMs)
    this.#metrics = new ScoringMetrics(
      ports.registry,
      [...new Set([...options.detectors, ...options.compare])],
      this.#entities,
      this.#seconds,
    )
    this.#thresholds = new Thresholds(ports.thresholds, (stream, entityId) => {
      const state = this.#entities.get(stream, entityId)
      if (state !== undefined) this.#setThreshold(state)
    })
    this.#judgedBefore = ports.judged
    this.#keeper =
      ports.states &&
      new StateKeeper(this.#entities, ports.states, {
        refused: (state) => {
          this.#metrics.statesRefused.inc({ reason: 'fenced' })
          this.#entities.delete(state)
        },
      })
    this.#clock = ports.clock ?? Date.now
    this.#elsewhere = new Elsewhere(options.maxEntities, options.staleAfterMs)
    this.#loader =
      ports.states &&
      new StateLoader({
        states: ports.states,
        homes: ports.homes,
        entities: this.#entities,
        elsewhere: this.#elsewhere,
        metrics: this.#metrics,
        models: async ({ stream }) => {
          const models = this.#modelsOf(stream)
          await this.#weights.get(models)
          return models
        },
        restored: (state) => this.#setThreshold(state),
        clock: this.#clock,
        staleAfterMs: options.staleAfterMs,
        warn: ports.warn,
      })
    this.#minutes = ports.scores && new SeverityKeeper(this.#entities, ports.scores)
    this.#trainer =
      options.training === 'inline'
        ? new InlineTrainer()
        : new WorkerTrainer((error) => {
            this.#metrics.workerRestarts.inc()
            this.#warn('the training thread died and is started again', error)
          })
    this.#verdicts = new VerdictLearning(this.#trainer, this.#metrics)
    this.#networks = new Networks({
      entities: this.#entities,
      states: ports.states,
      metrics: this.#metrics,
      warn: ports.warn,
      train: options.training === 'worker',
    })
    const disturbance = ports.disturbance ?? (() => 'none')
    this.#learning = new Learning(options, disturbance, this.#trainer, this.#metrics, (state) =>
      this.#setThreshold(state),
    )
  }

  async start(): Promise<void> {
    await this.#thresholds.load()
    for (const anomaly of (await this.#judgedBefore?.(JUDGED)) ?? []) this.#verdicts.wait(anomaly)
    await this.#trainer.start()
    const { stateIntervalMs, scoresIntervalMs, followIntervalMs } = this.#options
    this.#every(stateIntervalMs, () => this.save({ spreadMs: stateIntervalMs / 2 }))
    this.#every(scoresIntervalMs, () => this.saveScores())
    this.#every(followIntervalMs, () => this.#follow())
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    await this.#trainer.stop()
    await this.#networks.stop()
    await this.#loader?.settled()
    await this.#saving(this.#keeper?.saveAll())
    await this.saveScores()
  }

  #every(ms: number | undefined, run: () => Promise<void>): void {
    if (ms !== undefined) this.#timers.push(setInterval(() => void run(), ms).unref())
  }

  async #follow(): Promise<void> {
    try {
      await this.#thresholds.follow()
    } catch (error) {
      this.#metrics.stateFailures.inc({ operation: 'follow' })
      this.#warn('thresholds could not be read; those that were set elsewhere wait', error)
    }
  }

  /**
   * The score of a vector; undefined while its entity warms up, unless a fixed limit is violated, when there is no room, and when it is
   * at home in another shard. @param fence of the shard that the vector is of
   */
  score(vector: FeatureVector, fence?: Fence): Scored | undefined {
    this.#metrics.valuesIgnored += dropInfinite(vector.values)
    const known = this.#entities.use(vector.stream.name, vector.entity.id)
    if (fence !== undefined && this.#strays(vector, fence, known)) return this.#skip('elsewhere')
    const state = this.#entities.get(vector.stream.name, vector.entity.id) ?? this.#admit(vector, fence)
    if (state === undefined) return this.#skip('too_many_entities')
    if (this.#options.readsAgain && state.scoredBefore(vector)) return this.#skip('scored_before')
    state.timeMs = vector.timeMs
    if (vector.timeMs > this.#latestMs) this.#latestMs = vector.timeMs
    const timed = this.#vectors++ % TIMED_EVERY === 0
    const limits = this.#limits(vector, timed)
    if (this.#loader?.has(state))
      return limits > 0 ? this.#scored(vector, state, limits) : this.#skip('loading')

    if (vector.origin !== undefined) state.origin = vector.origin
    const { learner } = state
    if (learner === undefined) return this.#scored(vector, state, limits)
    const judgement = learner.judge(vector.values, vector.timeMs, timed ? this.#metrics.watch : undefined)
    const { ready, panel } = learner
    if (ready) this.#metrics.judged(panel, judgement)
    const scored =
      ready || limits > 0 ? this.#scored(vector, state, limits, ready ? judgement : undefined) : undefined
    learner.observe(vector.values, judgement, vector.timeMs)
    const normal = this.#learning.learn(state, vector, judgement, scored, limits > 0)
    this.#networks.take(vector, this.#modelsOf(vector.stream), normal)
    return scored ?? this.#skip('warming_up')
  }

  /** Whether the saved state of its entity is being read, so that `score` would skip the vector. Begins to read that of an entity that is not known. */
  loads(vector: Pick<FeatureVector, 'stream' | 'entity' | 'timeMs'>, fence?: Fence): boolean {
    const known = this.#entities.get(vector.stream.name, vector.entity.id)
    if (fence !== undefined && this.#strays(vector, fence, known)) return false
    const state = this.#entities.get(vector.stream.name, vector.entity.id) ?? this.#admit(vector, fence)
    if (state === undefined) return false
    state.wantedMs = Math.max(state.wantedMs, vector.timeMs)
    return this.#loader?.has(state) ?? false
  }

  /** Forgets an entity, in all its streams; what was learned is saved if it was enough to judge by. */
  forget(entityId: string): void {
    for (const state of this.#entities.of(entityId)) {
      this.#entities.delete(state)
      this.#metrics.evicted.inc()
      this.#saveEvicted(state, state.learner?.ready === true)
    }
  }

  /** Saves what was learned in a shard, as far as it still may, and forgets its entities. */
  async leave(fence: Fence): Promise<void> {
    const states = [...this.#entities].filter((state) => state.fence === fence)
    for (const state of states) this.#entities.delete(state)
    this.#elsewhere.forget(fence)
    const dirty = states.filter((state) => state.dirty && !this.#loader?.has(state))
    await this.#saving(this.#keeper?.write(dirty))
    await this.#saving(this.#minutes?.write(states), 'scores')
  }

  /** Brings back the saved state of an entity before its first vector. False: there is none that can be used. */
  async restore(stream: StreamSpec, entity: Entity): Promise<boolean> {
    const known = this.#entities.get(stream.name, entity.id)
    if (known !== undefined) return (await this.#loader?.result(known)) ?? true
    const state = this.#admit({ stream, entity, timeMs: 0 })
    return state === undefined ? false : ((await this.#loader?.result(state)) ?? false)
  }

  /** Of an entity that is not known: what it would begin with. */
  threshold(stream: string, entityId: string): number {
    const known = this.#entities.get(stream, entityId)?.threshold ?? this.#thresholds.get(stream, entityId)
    return known ?? this.#options.initialThreshold ?? COLD_THRESHOLD
  }

  /** What it would be untuned. */
  initialThreshold(stream: string, entityId: string): number {
    const known = this.#entities.get(stream, entityId)?.initialThreshold
    return known ?? this.#options.initialThreshold ?? COLD_THRESHOLD
  }

  /** Thresholds were changed in the store. They hold once this resolves. */
  followThresholds(): Promise<void> {
    return this.#thresholds.follow()
  }

  /** Severities by the minute as far as they are held; undefined when nothing of the entity was scored. */
  severities(stream: string, entityId: string): ScoreBlock[] | undefined {
    const state = this.#entities.get(stream, entityId)
    return state?.minutes === undefined ? undefined : blocksOf(state)
  }

  /** What `score` would say, without learning from it or counting it. Unknown entities are judged by fixed limits only. */
  assess(vector: FeatureVector): Scored | undefined {
    dropInfinite(vector.values)
    const models = this.#modelsOf(vector.stream)
    const limits = models.rules === undefined ? 0 : ruleScore(models.rules.score(vector.values))
    const state = this.#entities.get(vector.stream.name, vector.entity.id)
    const judgement = state?.learner?.ready ? state.learner.judge(vector.values, vector.timeMs) : undefined
    if (judgement === undefined && models.learner !== undefined && limits === 0) return undefined
    const threshold = this.threshold(vector.stream.name, vector.entity.id)
    return weigh(vector, models, state, threshold, limits, judgement).scored
  }

  /** What each detector says of a vector, and what would be normal; undefined while its entity is not known or warms up. Nothing is learned. */
  examine(vector: FeatureVector): Examination | undefined {
    dropInfinite(vector.values)
    const learner = this.#entities.get(vector.stream.name, vector.entity.id)?.learner
    return learner?.ready ? examine(vector, learner) : undefined
  }

  /** State of an entity; undefined when it is not known. `learned` counts vectors up to now, at most as far as remembered. */
  inspect(stream: string, entityId: string): EntityInspection | undefined {
    const state = this.#entities.get(stream, entityId)
    if (state === undefined) return undefined
    const { learner, score } = state
    return { ready: learner?.ready ?? true, learned: learner?.learned ?? 0, score: score ?? null }
  }

  /** Whether it is past its warm-up in one of its streams at least. */
  judges(entityId: string): boolean {
    return this.#entities.of(entityId).some(({ learner }) => learner?.ready ?? true)
  }

  /** Entities held, and those of them that are past their warm-up. */
  counts(): { total: number; ready: number } {
    let ready = 0
    for (const { learner } of this.#entities) if (learner?.ready ?? true) ready++
    return { total: this.#entities.size, ready }
  }

  /** Largest latest score of the entities behind each service node of the causal graph. O(entities). */
  scoresByService(): Map<string, number> {
    const scores = new Map<string, number>()
    for (const { entity, score } of this.#entities) {
      const node = score === undefined ? undefined : nodeOf(entity)
      if (node !== undefined) scores.set(node, Math.max(score ?? 0, scores.get(node) ?? 0))
    }
    return scores
  }

  /** An operator's word on an anomaly: counts for the detectors that saw it, and is learned from. @param verdict null: none any more @param previous the word that it replaces */
  judged(anomaly: Anomaly, verdict: VerdictValue | null, previous: VerdictValue | null): void {
    if (verdict === previous) return
    for (const model of anomaly.seen_by) this.#metrics.verdict(model, verdict, previous)
    this.#verdicts.judged(anomaly, verdict, previous, this.#models.get(anomaly.stream)?.reranker)
  }

  /** The networks of a stream, their saved weights read. None while training is `inline`. */
  async networks(stream: StreamSpec): Promise<readonly SharedNetwork[]> {
    if (this.#options.training === 'inline') return []
    const models = this.#modelsOf(stream)
    await this.#weights.get(models)
    return models.networks.map((network) => ({
      stream: stream.name,
      name: network.name,
      network: network.network,
      features: network.features,
      get weights() {
        return network.weights
      },
      get hasData() {
        return network.hasData
      },
      get hasHeldOut() {
        return network.hasHeldOut
      },
      runs: () => network.runs,
      adopt: (weights) => this.#networks.adopt(stream.name, models, network, weights),
    }))
  }

  /** Saves what was learned since the last save. Failures are counted and told, never thrown: the next save tries again. */
  async save(options?: SaveOptions): Promise<void> {
    await this.#saving(this.#keeper?.save(options))
    if (this.#keeper !== undefined) this.#forgetSilent()
  }

  /** Entities come and go: what is saved of one that went is read again if it comes back. */
  #forgetSilent(): void {
    const sinceMs = this.#latestMs - SILENT_TIMES * this.#options.staleAfterMs
    for (const state of this.#entities) {
      if (Math.max(state.timeMs, state.wantedMs) >= sinceMs || state.dirty || this.#loader?.has(state))
        continue
      this.#entities.delete(state)
      void this.#saving(this.#minutes?.write([state]), 'scores')
    }
  }

  /** Saves all that was learned and scored until now. Unlike `save`, it rejects when it could not. */
  async saveAll(): Promise<void> {
    await this.#keeper?.saveAll()
    await this.#minutes?.save()
  }

  /** Stores what was scored since it was stored last. As with `save`, nothing is thrown. */
  saveScores(): Promise<void> {
    return this.#saving(this.#minutes?.save(), 'scores')
  }

  /** Whether an entity is not scored in this shard since it is at home in another one. */
  #strays(
    { stream, entity }: Pick<FeatureVector, 'stream' | 'entity'>,
    fence: Fence,
    known?: EntityState,
  ): boolean {
    if (known !== undefined && known.fence !== fence) {
      const gone = !known.dirty && known.timeMs < this.#clock() - this.#options.staleAfterMs
      if (gone) this.#entities.delete(known)
      return !gone
    }
    return this.#elsewhere.has(stream.name, entity.id, fence, this.#clock())
  }

  #admit({ stream, entity, timeMs }: Pick<FeatureVector, 'stream' | 'entity' | 'timeMs'>, fence?: Fence) {
    const state = new EntityState(stream, entity, this.#modelsOf(stream).learner, fence)
    this.#setThreshold(state)
    const { added, evicted } = this.#entities.add(state, timeMs)
    if (!added) return undefined
    if (evicted !== undefined) {
      this.#metrics.evicted.inc()
      this.#saveEvicted(evicted, true)
    }
    if (state.learner !== undefined) this.#loader?.begin(state)
    return state
  }

  #saveEvicted(state: EntityState, learned: boolean): void {
    if (state.dirty && learned) void this.#saving(this.#keeper?.write([state]))
    void this.#saving(this.#minutes?.write([state]), 'scores')
  }

  #modelsOf(stream: StreamSpec): StreamModels {
    let models = this.#models.get(stream.name)
    if (models === undefined) {
      models = new StreamModels(stream, this.#options)
      this.#models.set(stream.name, models)
      if (models.networks.length > 0) this.#weights.set(models, this.#networks.load(stream.name, models))
      this.#verdicts.begin(stream.name, models.reranker)
    }
    return models
  }

  #limits(vector: FeatureVector, timed: boolean): number {
    const { rules } = this.#modelsOf(vector.stream)
    if (rules === undefined) return 0
    const { watch } = this.#metrics
    if (timed) watch.start()
    const limits = ruleScore(rules.score(vector.values))
    if (timed) watch.stop(rules.name)
    this.#metrics.count(rules.name)
    return limits
  }

  #scored(vector: FeatureVector, state: EntityState, limits: number, judgement?: Judgement): Scored {
    const models = this.#modelsOf(vector.stream)
    const { threshold } = state
    const { scored, course } = weigh(vector, models, state, threshold, limits, judgement)
    if (state.course === undefined) state.oddSinceMs = vector.timeMs
    state.course = course
    state.anomalous = scored.anomalous
    state.score = scored.score
    state.severity = scored.severity
    if (this.#minutes !== undefined) this.#record(state, vector.timeMs, scored.severity)
    this.#metrics.scored++
    for (const model of scored.seenBy) this.#metrics.found(model)
    return scored
  }

  #record(state: EntityState, timeMs: number, severity: number): void {
    state.minutes ??= new SeverityMinutes(timeMs, this.#levels)
    if (!state.minutes.record(timeMs, severity)) this.#metrics.minutesMissed++
  }

  /** An entity's own threshold, else the configured one, else what its budget of alerts comes to. */
  #setThreshold(state: EntityState): void {
    const { stream, entity, learner } = state
    const { initialThreshold } = this.#options
    state.initialThreshold =
      initialThreshold ?? this.#modelsOf(stream).threshold(learner?.vectorsPerDay ?? Number.NaN)
    state.threshold = this.#thresholds.get(stream.name, entity.id) ?? state.initialThreshold
  }

  #skip(reason: SkipReason): undefined {
    this.#metrics.skipped[reason]++
    return undefined
  }

  async #saving(saving: Promise<void> | undefined, what: 'state' | 'scores' = 'state'): Promise<void> {
    try {
      await saving
    } catch (error) {
      const [operation, subject] = what === 'state' ? ['save', 'learned state'] : ['save_scores', 'scores']
      this.#metrics.stateFailures.inc({ operation })
      this.#warn(`${subject} could not be saved; the next save tries again`, error)
    }
  }
}
