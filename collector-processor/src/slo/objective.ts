import type { Period } from './period.ts'

/** What makes a request good: that it did not fail, or that it took `thresholdMs` at most, whatever its outcome. */
export type Indicator =
  | { readonly kind: 'availability' }
  | { readonly kind: 'latency'; readonly thresholdMs: number }

/** One objective: the share `target` of the requests of `service` must be good within `period`. */
export interface Objective {
  /** Unique; the label `slo` of alerts and metrics. */
  readonly name: string
  readonly displayName: string | null
  /** As in the graph: NAMESPACE/NAME, or the name alone. */
  readonly service: string
  readonly indicator: Indicator
  /** In (0, 1). */
  readonly target: number
  readonly period: Period
  /** An OpenSLO document, `slo.services`, or the default for services that have neither. */
  readonly origin: 'document' | 'configuration' | 'default'
}

/** Name of objectives that no document defines. */
export const DEFAULT_NAME = 'default'

/** Names what is counted for an indicator: objectives with the same one share their counts. */
export const indicatorKey = (indicator: Indicator): string =>
  indicator.kind === 'availability' ? 'availability' : `latency:${indicator.thresholdMs}`
