export { AlertCloseCode, AlertMessage } from './alert.ts'
export { Anomaly, AnomalyType, Contribution } from './anomaly.ts'
export { renderApi, renderFederationApi, renderWebhookApi } from './api-markdown.ts'
export { EdgeSummary, ServiceSummary, SpanSummary } from './edge-summary.ts'
export { Entity } from './entity.ts'
export { EntityPage, EntityStatus, EntityStream, FeatureStatus } from './entity-status.ts'
export { Event, EventsAnswer } from './events.ts'
export { HOST_FEATURES, SERVICE_FEATURES } from './features.ts'
export {
  Graph,
  GraphChange,
  GraphClock,
  GraphEdge,
  GraphNode,
  GraphPlacement,
  Latency,
  NodeKind,
} from './graph.ts'
export { GraphDiff, GraphOperations } from './graph-history.ts'
export { Health } from './health.ts'
export { Incident, IncidentState } from './incident.ts'
export { IncidentExport, TimelineEntry } from './incident-export.ts'
export { DetectorSeverity, EntityJudgement, JudgedFeature } from './judgement.ts'
export { LogSummary, RecordsOfService } from './log-summary.ts'
export { openApiDocument } from './openapi.ts'
export { AnomalyPage, IncidentPage } from './page.ts'
export { Problem } from './problem.ts'
export { CauseKind, Comparators, Evidence, EvidenceKind, Ranking, RootCause } from './rootcause.ts'
export type { Api, Route, Scope, SignedRoute } from './route.ts'
export { processorApi, type RouteName, routes } from './routes.ts'
export { Instant, Score, Severity } from './scalar.ts'
export { ScoreHistory } from './score-history.ts'
export { ScoreAnswer, ScoreRequest } from './score-request.ts'
export { SloAlert, SloBudget, SloReport, SloStatus, SloWindow } from './slo.ts'
export { Stats } from './stats.ts'
export { DeliveryStatus, KafkaStatus, SiteStatus, Status } from './status.ts'
export {
  Threshold,
  ThresholdPage,
  ThresholdRequest,
  ThresholdSource,
  ThresholdValue,
} from './threshold.ts'
export {
  ThresholdChange,
  ThresholdHistory,
  ThresholdRollback,
  ThresholdRollbackAnswer,
} from './threshold-history.ts'
export { Verdict, VerdictRequest, VerdictValue } from './verdict.ts'
export { JudgedEpisode, VerdictEntry, VerdictLog } from './verdict-log.ts'
