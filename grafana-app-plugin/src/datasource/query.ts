import { z } from 'zod'

/**
 * What can be asked. anomalies, incidents, thresholds, entities, changes (deployments) and objectives are tables; scores is a time series of one entity
 * with its threshold; causes and timeline are of one incident; graph is a node graph; numbers is one row of counts.
 */
export const Kind = z.enum([
  'incidents',
  'causes',
  'timeline',
  'anomalies',
  'scores',
  'thresholds',
  'entities',
  'graph',
  'changes',
  'objectives',
  'numbers',
])
export type Kind = z.infer<typeof Kind>

/** A question, with its variables filled in. What is left out or empty does not filter. */
export interface Question {
  readonly kind: Kind
  readonly stream?: string
  /** Id of an entity. */
  readonly entity?: string
  /** Name of a service; of a graph: only it, what it calls and what calls it, directly or not. */
  readonly service?: string
  /** Of causes and timeline; empty: the newest incident of the time range, an open one first. Of anomalies: those of this incident. */
  readonly incident?: string
  readonly state?: '' | 'open' | 'resolved' | 'merged'
  /** Smallest score of anomalies, 0 to 1. */
  readonly minScore?: string
  /** Rows at most. */
  readonly limit?: number
  /** As annotations: with the fields that Grafana draws them by. */
  readonly annotations?: boolean
}

export const DEFAULT_LIMIT = 500
export const MAX_LIMIT = 5000

/** Which fields of a question a kind goes by. The editor shows these. */
export const FIELDS: Readonly<Record<Kind, readonly (keyof Question)[]>> = {
  incidents: ['state', 'service', 'limit'],
  causes: ['incident'],
  timeline: ['incident'],
  anomalies: ['stream', 'entity', 'incident', 'minScore', 'limit'],
  scores: ['stream', 'entity'],
  thresholds: ['stream', 'service'],
  entities: ['stream', 'service'],
  graph: ['service'],
  changes: ['service'],
  objectives: ['service'],
  numbers: [],
}

/** Times of a question, Unix milliseconds. */
export interface Span {
  readonly from: number
  readonly to: number
}
