import type {
  Anomaly,
  Entity,
  EntityJudgement,
  EntityStatus,
  Graph,
  GraphOperations,
  Incident,
  Ranking,
  ScoreAnswer,
  ScoreRequest,
  SloReport,
  Status,
} from '@adf/contract'
import type { ScoreBlock } from '../store/score-block.ts'
import type { Judged, Store } from '../store/store.ts'

/** What the API asks of the running parts. All but the store and the graphs of the past answer at once, from memory. */
export interface ApiPorts {
  readonly store: Pick<
    Store,
    'anomalies' | 'incidents' | 'incidentHistory' | 'verdicts' | 'thresholds' | 'scores' | 'alertLog'
  >
  graph(): Graph
  /** The latest graph kept at or before this time. */
  graphAt(ms: number): Promise<Graph | undefined>
  /** undefined when there is no such service. */
  operations(service: string): GraphOperations | undefined
  /** Root causes of what is unusual now, `top` of them. */
  rank(top: number): Ranking
  /** Features of a stream by name; undefined when no such stream is configured. */
  features(stream: string): readonly string[] | undefined
  /** The stream and its features are known to exist. */
  score(request: ScoreRequest, nowMs: number): ScoreAnswer
  entities(): Iterable<{ readonly entity: Entity; readonly streams: readonly string[] }>
  /** undefined when it was forgotten meanwhile. */
  entity(id: string): EntityStatus | undefined
  /** undefined when nothing of the entity came in the stream, or it was forgotten. */
  judgement(stream: string, id: string): EntityJudgement | undefined
  slo(): SloReport
  status(): Omit<Status, 'version' | 'started_at' | 'at' | 'uptime_seconds'>
  /** null: each entity's follows from its budget of alerts. */
  readonly initialThreshold: number | null
  /** Thresholds were committed. In force for the next vector once this resolves. */
  thresholdsChanged(): Promise<void>
  /** Severities that are not stored yet, and some that are; undefined when nothing of the entity was scored since the start. */
  severities(stream: string, entityId: string): Iterable<ScoreBlock> | undefined
  /** A verdict was committed, or taken back. */
  judged(judgement: Judgement): Promise<void>
}

export interface Judgement extends Judged {
  readonly target:
    | { readonly kind: 'anomaly'; readonly anomaly: Anomaly }
    | { readonly kind: 'incident'; readonly incident: Incident }
}
