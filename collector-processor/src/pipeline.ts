import { randomInt } from 'node:crypto'
import type { Anomaly, Entity, Incident, Ranking } from '@adf/contract'
import type { Registry } from 'prom-client'
import type { Config } from './config.ts'
import { FeatureExtractor } from './feature/extractor.ts'
import type { ExtractorOptions, Together } from './feature/reports.ts'
import { CausalGraph } from './graph/causal-graph.ts'
import { nodeOf } from './incident/entity-node.ts'
import type { Moment } from './incident/moment.ts'
import type { IncidentChange, RankRequest, RankScope, Symptom } from './incident/ports.ts'
import { IncidentTracker } from './incident/tracker.ts'
import type { LogKnowledge } from './logs/knowledge.ts'
import { LogMining } from './logs/log-mining.ts'
import type { EvidenceWindow, HostEvidence, MetricEvidence } from './rootcause/evidence.ts'
import { rankRootCauses } from './rootcause/rank.ts'
import { anomalyOf } from './scoring/anomaly.ts'
import type { ScoringEngine } from './scoring/engine.ts'
import type { Scored } from './scoring/scored.ts'
import type { FeatureVector } from './scoring/vector.ts'
import type { LogBatch, MetricBatch, SpanBatch, TelemetrySink } from './telemetry/batch.ts'
import type { Clock } from './telemetry/clock.ts'

/** What comes out of the pipeline. Calls are synchronous and in order; who must store or send does so on its own time. */
export interface PipelineOutputs {
  /** `arrivalMs`: arrival of the last sample that went into the vector. `first`: that before it was normal. */
  anomaly(anomaly: Anomaly, arrivalMs: number, first: boolean): void
  /** Anomalies told earlier belong to this incident after all. */
  joined(incidentId: string, anomalyIds: readonly string[]): void
  /** Something for the history of the incident. */
  happened(incidentId: string, moment: Moment): void
  incident(incident: Incident, change: IncidentChange): void
  left(reason: string): void
  failed(error: unknown): void
}

export interface PipelineDeps {
  readonly config: Config
  readonly clock: Clock
  /** Uniform in [0, 1). */
  readonly rng: () => number
  /** UUIDv7. */
  readonly newId: () => string
  /** Of the anomaly of a vector: the same when it is found again. Left out: `newId`. */
  readonly anomalyId?: ((vector: FeatureVector) => string) | undefined
  readonly registry: Registry
  readonly scoring: Pick<ScoringEngine, 'score' | 'loads'>
  readonly outputs: PipelineOutputs
  /** What it uses of another pipeline of this process; left out: it has its own. */
  readonly shares?: SharedParts
  /** What is known of logs that are mined elsewhere; left out: it mines them. */
  readonly logs?: LogKnowledge
  /** Takes the collections of services, which have no vectors here then; left out: they do. */
  readonly handOn?: NonNullable<ExtractorOptions['handOn']>
  /** Brings back what was learned of service entities elsewhere; left out: nothing is. */
  readonly goOn?: NonNullable<ExtractorOptions['goOn']>
  /** Of its extractor, with those of other pipelines of this process. */
  readonly together?: Together
}

/** What the pipelines of a process have in common. Only the first one lets it go on. */
interface SharedParts {
  readonly graph: CausalGraph
  readonly logMining: LogKnowledge
}

/** Causes that a ranking names at most. */
const TOP = 10
/** Vectors that wait for the saved state of their entities. */
const MOST_WAITING = 50_000

/**
 * Telemetry in, anomalies and incidents out: feature, graph, scoring, root cause and incident put together, without
 * sockets, store or timers. Call `advance` once per step. Live and `adf replay` run the same code, on another clock.
 */
export class Pipeline implements TelemetrySink {
  readonly graph: CausalGraph
  readonly logMining: LogKnowledge
  readonly features: FeatureExtractor
  readonly incidents: IncidentTracker
  readonly #deps: PipelineDeps
  /** Undefined: logs are mined elsewhere. */
  readonly #mining: LogMining | undefined = undefined
  readonly #units = new Map<string, string>()
  /** In order of coming. */
  #waiting: FeatureVector[] = []
  #disturbed: ReadonlySet<string> = new Set()
  /** The same, of incidents that hold several entities. */
  #spreading: ReadonlySet<string> = new Set()

  constructor(deps: PipelineDeps) {
    const { config, clock, newId, registry, outputs, shares, together, handOn, goOn } = deps
    this.#deps = deps
    this.graph =
      shares?.graph ?? new CausalGraph(config.graph, registry, [randomInt(2 ** 32), randomInt(2 ** 32)])
    const known = shares?.logMining ?? deps.logs
    if (known !== undefined) this.logMining = known
    else this.logMining = this.#mining = new LogMining(config.logs, config.graph, registry)
    this.features = new FeatureExtractor({
      edge: config.edge,
      streams: config.streams,
      maxClockSkewMs: config.receiver.max_clock_skew,
      registry,
      templates: this.logMining,
      ...(together && { together }),
      ...(handOn && { handOn }),
      ...(goOn && { goOn }),
    })
    for (const { name, features } of this.features.streams)
      for (const feature of features) this.#units.set(`${name}\u0000${feature.name}`, feature.unit)
    this.incidents = new IncidentTracker(
      {
        openAfter: config.incident.open_after,
        resolveAfterMs: config.incident.resolve_after,
        rankWindowMs: config.incident.rank_window,
        maxOpen: config.incident.max_open,
        maxAnomalies: config.incident.max_anomalies,
      },
      {
        callers: (services) => this.graph.callersOfEach(services),
        blastRadius: (services) => this.graph.blastRadius(services),
        exemplars: (services, sinceMs) => this.graph.exemplars(services, sinceMs),
        rank: (request) => this.rank(request),
        newId,
        changed: outputs.incident,
        joined: outputs.joined,
        happened: outputs.happened,
        left: outputs.left,
        failed: outputs.failed,
      },
      clock,
    )
  }

  spans(batch: SpanBatch, arrivalMs: number): void {
    this.graph.spans(batch, arrivalMs)
    this.#mining?.spans(batch, arrivalMs)
    this.features.spans(batch, arrivalMs)
  }

  metrics(batch: MetricBatch, arrivalMs: number): void {
    this.graph.resources(batch.resources, arrivalMs)
    this.features.metrics(batch, arrivalMs)
  }

  logs(batch: LogBatch, arrivalMs: number): void {
    this.graph.resources(batch.resources, arrivalMs)
    this.#mining?.logs(batch, arrivalMs)
    this.features.logs(batch, arrivalMs)
  }

  /** Scores the events that came, so that they need not wait for a step. */
  judgeEvents(): void {
    this.features.emitEvents(
      (vector) => this.#judge(vector),
      (vector) => this.#deps.scoring.loads(vector),
    )
  }

  /** Scores the windows that are complete and lets incidents, graph and forgetting move on. */
  advance(nowMs: number): void {
    for (const _ of this.advancing(nowMs));
  }

  /** `advance` in pieces, so that telemetry and requests need not wait for all of it. */
  *advancing(nowMs: number): Generator<undefined, void> {
    if (this.#deps.shares === undefined) this.graph.advance(nowMs)
    if (this.incidents.openCount > 0) {
      this.#disturbed = this.graph.around(this.incidents.services())
      this.#spreading = this.graph.around(this.incidents.spreadingServices())
    } else if (this.#disturbed.size > 0) {
      this.#disturbed = new Set()
      this.#spreading = new Set()
    }
    const { scoring } = this.#deps
    const loads = (vector: FeatureVector) => scoring.loads(vector)
    const emit = (vector: FeatureVector) => {
      if (this.#waiting.length < MOST_WAITING && loads(vector)) this.#waiting.push(vector)
      else this.#judge(vector)
    }
    const waiting = this.#waiting
    this.#waiting = []
    for (const vector of waiting) emit(vector)
    yield* this.features.advancing(nowMs, emit, loads)
    this.incidents.tick(nowMs)
  }

  /**
   * Whether an open incident has this entity, or one whose trouble it would feel: what it shows then is not its normal. `own` while all
   * such incidents are of this entity alone.
   */
  disturbance(entity: Entity): 'none' | 'own' | 'wider' {
    const node = nodeOf(entity) ?? ''
    const held = this.incidents.holds(entity.id)
    if (!held && !this.#disturbed.has(node)) return 'none'
    return held && !this.#spreading.has(node) && this.incidents.aloneIn(entity.id) ? 'own' : 'wider'
  }

  /** Ranks the services by what was unusual between `sinceMs` and `nowMs`; those of the scope, if there is one. */
  rank({ nowMs, sinceMs, symptoms, scope, top = TOP }: RankRequest): Ranking {
    const evidence = this.graph.evidence(sinceMs, nowMs)
    const metrics: MetricEvidence[] = []
    const hosts: HostEvidence[] = []
    for (const symptom of symptoms) {
      const { service, host } = symptom
      if (service !== undefined) metrics.push({ service, ...this.#measured(symptom) })
      else if (host !== undefined) hosts.push({ host, ...this.#measured(symptom) })
    }
    return rankRootCauses({
      at: nowMs,
      evidence,
      metrics,
      hosts,
      logs: this.logMining.evidence(sinceMs, nowMs, (service) => this.graph.requestsBySlot(service)),
      rng: this.#deps.rng,
      top,
      ...(scope !== undefined && { candidates: this.#candidates(scope, evidence) }),
    })
  }

  #measured({ stream, feature, value, expected, strength, sinceMs }: Symptom) {
    const unit = this.#units.get(`${stream}\u0000${feature}`) ?? ''
    return { feature, unit, value, expected, strength, sinceMs }
  }

  /** What can explain the trouble of an incident: what its services call, and what runs on its hosts. */
  #candidates(scope: RankScope, { placements }: EvidenceWindow): Set<string> {
    const { services, hosts, elsewhere, root, rivals } = scope
    const candidates = new Set([...services, ...this.graph.reachable(services)])
    for (const { service, host } of placements) if (hosts.includes(host)) candidates.add(service)
    for (const service of elsewhere) candidates.delete(service)
    if (root === undefined || rivals.length === 0) return candidates
    const own = new Set([...services, ...this.graph.reachable([root])])
    for (const service of this.graph.reachable(rivals)) if (!own.has(service)) candidates.delete(service)
    return candidates
  }

  #judge(vector: FeatureVector): void {
    const scored = this.#deps.scoring.score(vector)
    if (scored === undefined) return
    if (!scored.anomalous) {
      this.incidents.clear(vector.stream.name, vector.entity.id)
      return
    }
    const anomaly = this.#toAnomaly(scored)
    const incidentId = this.incidents.observe(anomaly)
    this.#deps.outputs.anomaly({ ...anomaly, incident_id: incidentId }, vector.arrivalMs, scored.first)
  }

  #toAnomaly(scored: Scored): Anomaly {
    const { vector } = scored
    const { anomalyId, newId, clock } = this.#deps
    return anomalyOf(scored, anomalyId?.(vector) ?? newId(), clock())
  }
}
