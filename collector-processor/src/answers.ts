import type {
  DeliveryStatus,
  EntityJudgement,
  EntityStatus,
  Graph,
  KafkaStatus,
  Ranking,
  ScoreAnswer,
  ScoreRequest,
  SiteStatus,
  Status,
} from '@adf/contract'
import type { ApiPorts } from './api/ports.ts'
import type { Config } from './config.ts'
import type { AlertmanagerDelivery } from './deliver/alertmanager.ts'
import type { Forwarders } from './deliver/forward.ts'
import type { PublisherStatus } from './deliver/kafka/publisher.ts'
import type { EntityReport } from './feature/entity-report.ts'
import type { GraphHistory } from './graph-history.ts'
import type { Pipeline } from './pipeline.ts'
import type { KafkaStanding } from './receiver/kafka/receiver.ts'
import type { Receiver } from './receiver/receiver.ts'
import type { ScoringEngine } from './scoring/engine.ts'
import type { StreamSpec } from './scoring/vector.ts'
import type { SloEngine } from './slo/engine.ts'
import type { Store } from './store/store.ts'
import type { Clock } from './telemetry/clock.ts'

export interface AnswerDeps {
  readonly config: Config
  readonly clock: Clock
  readonly store: Store
  readonly pipeline: Pipeline
  readonly scoring: ScoringEngine
  readonly history: GraphHistory
  readonly slo: SloEngine
  readonly receiver: Receiver
  readonly forwarders: Forwarders
  /** undefined: another process sends alerts. */
  readonly alertmanager: () => Pick<AlertmanagerDelivery, 'statuses'> | undefined
  /** Incidents that are open. */
  readonly openIncidents: () => number
  /** All that are known here. */
  readonly entities: () => EntityReport[]
  readonly events: { readonly count: number; readonly lastMs: number | undefined }
  readonly ready: () => boolean
  /** null: no part in federated training. */
  readonly federation: () => SiteStatus | null
  /** undefined: none is configured. */
  readonly kafka: () => KafkaStanding | undefined
  readonly published: () => readonly PublisherStatus[]
}

/** Anomalies of an incident, the latest, that its verdict is a word on too. */
const JUDGED_WITH_INCIDENT = 100

/** Reports are made for all entities at once; a page of them is read within this time. */
const REPORTS_KEPT_MS = 500

/** What the API asks of the running parts. */
export function createAnswers(deps: AnswerDeps): ApiPorts {
  const { config, clock, store, pipeline, scoring } = deps
  const { features, graph } = pipeline
  let reports = new Map<string, EntityReport>()
  let reportedMs = Number.NEGATIVE_INFINITY
  const reportsNow = () => {
    if (Math.abs(clock() - reportedMs) > REPORTS_KEPT_MS) {
      reports = new Map(deps.entities().map((report) => [report.entity.id, report]))
      reportedMs = clock()
    }
    return reports
  }
  const streamOf = (name: string) => features.streams.find((stream) => stream.name === name)

  return {
    store,
    graph: () => withScores(graph.snapshot(clock()), scoring),
    graphAt: (ms) => deps.history.at(ms),
    operations: (service) => graph.operations(service, clock()),
    rank: (top) => rankNow(pipeline, clock(), config.incident.rank_window, top),
    features: (stream) => streamOf(stream)?.features.map(({ name }) => name),
    score: (request, nowMs) => scoreOf(request, streamOf(request.stream), scoring, nowMs),
    *entities() {
      for (const { entity, streams } of reportsNow().values()) {
        yield { entity, streams: streams.map(({ stream }) => stream) }
      }
    },
    entity(id) {
      const report = reportsNow().get(id)
      return report === undefined ? undefined : entityStatus(report, scoring, config)
    },
    judgement(name, id) {
      const report = reportsNow().get(id)
      const latest = report?.streams.find(({ stream }) => stream === name)
      const stream = streamOf(name)
      if (report === undefined || latest === undefined || stream === undefined) return undefined
      return judgementOf(report, latest, stream, scoring)
    },
    slo: () => deps.slo.report(),
    status: () => statusOf(deps),
    initialThreshold: config.edge.detection.initial_threshold ?? null,
    thresholdsChanged: () => scoring.followThresholds(),
    severities: (stream, entityId) => scoring.severities(stream, entityId),
    async judged({ previous, current, target }) {
      // A word on the anomaly itself is the better one; without it that on its incident holds.
      if (target.kind === 'anomaly') {
        const { anomaly } = target
        const incident = anomaly.incident_id && (await store.incidents.get(anomaly.incident_id))
        const ofIncident = incident ? incident.verdict : null
        scoring.judged(anomaly, current ?? ofIncident, previous ?? ofIncident)
        return
      }
      const { id } = target.incident
      pipeline.incidents.judged(id, current)
      const { items } = await store.anomalies.page({ incident: id, limit: JUDGED_WITH_INCIDENT })
      for (const anomaly of items) if (anomaly.verdict === null) scoring.judged(anomaly, current, previous)
    },
  }
}

/** The causes of what is unusual now: of the open incidents' symptoms if there are any. */
function rankNow(pipeline: Pipeline, nowMs: number, windowMs: number, top: number): Ranking {
  const ranking = pipeline.rank({
    nowMs,
    sinceMs: nowMs - windowMs,
    symptoms: pipeline.incidents.symptoms(),
  })
  return { ...ranking, causes: ranking.causes.slice(0, top) }
}

/** The pieces of the graph that are kept, with the scores of then. */
export function* scoredSlices(
  pipeline: Pipeline,
  scoring: ScoringEngine,
  nowMs: number,
): Iterable<Partial<Graph>> {
  const scores = scoring.scoresByService()
  for (const piece of pipeline.graph.slices(nowMs))
    yield piece.nodes === undefined ? piece : { ...piece, nodes: scored(piece.nodes, scores) }
}

function withScores(graph: Graph, scoring: ScoringEngine): Graph {
  return { ...graph, nodes: scored(graph.nodes, scoring.scoresByService()) }
}

function scored(nodes: Graph['nodes'], scores: ReadonlyMap<string, number>): Graph['nodes'] {
  return nodes.map((node) => ({ ...node, anomaly_score: scores.get(node.id) ?? null }))
}

function scoreOf(
  request: ScoreRequest,
  stream: StreamSpec | undefined,
  scoring: ScoringEngine,
  nowMs: number,
): ScoreAnswer {
  const threshold = scoring.threshold(request.stream, request.entity)
  const cold = {
    warm: false,
    score: null,
    severity: null,
    threshold,
    is_anomaly: false,
    type: null,
    detector: null,
    contributions: [],
  }
  if (stream === undefined) return cold
  const values = Float64Array.from(stream.features, ({ name }) => request.features[name] ?? Number.NaN)
  const timeMs = request.time === undefined ? nowMs : Date.parse(request.time)
  const scored = scoring.assess({
    stream,
    entity: { id: request.entity, kind: stream.entityKind },
    timeMs,
    arrivalMs: nowMs,
    values,
  })
  if (scored === undefined) return cold
  return {
    warm: true,
    score: scored.score,
    severity: scored.severity,
    threshold: scored.threshold,
    is_anomaly: scored.anomalous,
    type: scored.type,
    detector: scored.detector,
    contributions: [...scored.contributions],
  }
}

function entityStatus(report: EntityReport, scoring: ScoringEngine, config: Config): EntityStatus {
  const { entity } = report
  return {
    entity,
    last_seen: new Date(report.lastSeenMs).toISOString(),
    streams: report.streams.map(({ stream, timeMs, features }) => {
      const known = scoring.inspect(stream, entity.id)
      return {
        stream,
        state: known?.ready === true ? 'scored' : 'warming_up',
        learned: known?.learned ?? 0,
        warm_up: config.edge.detection.warm_up,
        score: known?.ready === true ? known.score : null,
        threshold: scoring.threshold(stream, entity.id),
        initial_threshold: scoring.initialThreshold(stream, entity.id),
        last_seen: new Date(timeMs ?? report.lastSeenMs).toISOString(),
        features: [...features],
      }
    }),
    dialects: [...report.dialects],
    delay_ms: report.delayMs ?? null,
    skew_ms: report.skewMs,
    problem: report.problem ?? null,
  }
}

function judgementOf(
  { entity, lastSeenMs }: EntityReport,
  { timeMs = lastSeenMs, features }: EntityReport['streams'][number],
  stream: StreamSpec,
  scoring: ScoringEngine,
): EntityJudgement {
  const latest = new Map(features.map(({ name, value }) => [name, value]))
  const values = Float64Array.from(stream.features, ({ name }) => latest.get(name) ?? Number.NaN)
  const known = scoring.examine({ stream, entity, timeMs, arrivalMs: timeMs, values })
  const { low, high, expected } = known?.bands ?? {}
  return {
    stream: stream.name,
    entity_id: entity.id,
    time: new Date(timeMs).toISOString(),
    ready: known !== undefined,
    severity: known?.severity ?? null,
    threshold: scoring.threshold(stream.name, entity.id),
    leading: known?.leading ?? null,
    features: stream.features.map(({ name, unit }, i) => ({
      name,
      unit,
      value: latest.get(name) ?? null,
      expected: finite(expected?.[i]),
      band: bandOf(low?.[i], high?.[i]),
    })),
    detectors: [...(known?.detectors ?? [])],
  }
}

const finite = (value = Number.NaN): number | null => (Number.isFinite(value) ? value : null)
const bandOf = (low = Number.NaN, high = Number.NaN): [number, number] | null =>
  Number.isFinite(low) && Number.isFinite(high) ? [low, high] : null

function statusOf({
  clock,
  config,
  store,
  pipeline,
  scoring,
  receiver,
  forwarders,
  alertmanager,
  events,
  ready,
  federation,
  kafka,
  published,
  openIncidents,
}: AnswerDeps): ReturnType<ApiPorts['status']> {
  const { graph, features } = pipeline
  const { total, ready: scored } = scoring.counts()
  const { traces, metrics, logs } = receiver.received
  return {
    ready: ready(),
    telemetry: {
      spans: received(traces),
      metrics: received(metrics),
      logs: received(logs),
      events: received(events),
    },
    streams: features.streams.map(({ name }) => name),
    detectors: [...config.edge.detection.detectors],
    entities: { total, scored, warming_up: total - scored },
    graph: { nodes: graph.tallies.nodes.size, edges: graph.tallies.edges.size },
    incidents: { open: openIncidents() },
    store: { writable: store.fault() === undefined, last_error: store.fault() ?? null },
    deliveries: [
      ...(alertmanager()?.statuses() ?? []),
      ...forwarders.statuses().map((one) => delivery(`forward/${one.name}`, one)),
      ...published().map((one) => delivery(`kafka/${one.topic}`, one)),
    ],
    federation: federation(),
    kafka: kafkaStatus(kafka()),
  }

  function received({
    count,
    lastMs,
  }: {
    count: number
    lastMs: number | undefined
  }): Status['telemetry']['spans'] {
    return { count, last_at: lastMs === undefined ? null : new Date(Math.min(lastMs, clock())).toISOString() }
  }
}

function delivery(
  name: string,
  attempts: Pick<PublisherStatus, 'reachable' | 'lastSuccessMs' | 'lastError'>,
): DeliveryStatus {
  const { reachable, lastSuccessMs, lastError } = attempts
  return {
    name,
    reachable: reachable ?? null,
    last_success_at: lastSuccessMs === undefined ? null : new Date(lastSuccessMs).toISOString(),
    last_error: lastError ?? null,
  }
}

function kafkaStatus(standing: KafkaStanding | undefined): KafkaStatus | null {
  if (standing === undefined) return null
  return {
    group: standing.group,
    connected: standing.connected,
    last_error: standing.lastError ?? null,
    missing_topics: [...standing.missingTopics],
    partitions: standing.partitions,
    lag: standing.lag,
    delay_seconds: standing.delayMs / 1000,
    dead_letters_waiting: standing.deadLettersWaiting,
  }
}
