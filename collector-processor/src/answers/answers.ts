import type { Ranking } from '@adf/contract'
import type { ApiPorts } from '../api/ports.ts'
import type { EntityReport } from '../feature/entity-report.ts'
import type { GraphHistory } from '../graph-history.ts'
import type { Pipeline } from '../pipeline.ts'
import type { SloEngine } from '../slo/engine.ts'
import type { Store } from '../store/store.ts'
import { entityStatus, judgementOf } from './entity.ts'
import { scoreOf } from './score.ts'
import { withScores } from './scored-graph.ts'
import { type StatusDeps, statusOf } from './status.ts'

export interface AnswerDeps extends StatusDeps {
  readonly store: Store
  readonly history: GraphHistory
  readonly slo: SloEngine
  /** All that are known here. */
  readonly entities: () => EntityReport[]
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
