import type { Entity } from '@adf/contract'
import type { Registry } from 'prom-client'
import type { StreamSpec } from '../scoring/vector.ts'
import { HOST_STREAM, SERVICE_STREAM } from './builtin-streams.ts'
import type { ChosenStream } from './chosen-stream.ts'
import {
  clockProblem,
  clockSkew,
  type EntityReport,
  reportFeatures,
  type Seen,
  whyMissing,
} from './entity-report.ts'
import type { HostState } from './host-state.ts'
import type { LogNovelty, TemplateNames } from './log-novelty.ts'
import type { Losses } from './losses.ts'
import type { Collection } from './metric/metric-source.ts'
import type { Room } from './room.ts'
import type { ServiceState } from './service-state.ts'
import type { DeclaredStreams } from './streams.ts'
import type { Evaluated } from './vector-queue.ts'

/** Times in milliseconds; `edge` and `streams` are those parts of the configuration. */
export interface ExtractorOptions {
  readonly edge: {
    readonly window: number
    readonly step: number
    readonly interval: number
    readonly max_lateness: number
    readonly stale_after: number
    readonly max_entities: number
    readonly max_series: number
  }
  readonly streams: DeclaredStreams
  /** `receiver.max_clock_skew` */
  readonly maxClockSkewMs: number
  readonly registry: Registry
  /** What mined the templates of log batches; left out: nobody did. */
  readonly templates?: TemplateNames
  /** Brings back what was learned of a service entity elsewhere; left out: nothing is. */
  readonly goOn?: (entityId: string, novelty: LogNovelty) => void
  /** With other extractors of this process; left out: there are none. */
  readonly together?: Together
  /** Takes the collections of services, which have no vectors here then; left out: they do. */
  readonly handOn?: (collected: CollectedElsewhere) => void
}

/** A collection of metrics of a service, for whoever adds up what several processes know of it. */
export interface CollectedElsewhere {
  readonly entity: Entity
  readonly version: string | undefined
  readonly dialects: ReadonlySet<string>
  /** Name of the writer: the same for the same resource, in whatever process. */
  readonly writer: string
  readonly collection: Collection
}

/** What all extractors of a process have in common. */
export interface Together {
  readonly losses: Losses
  readonly room: Room
  /** Entities of all of them. */
  entities(): number
}

export function serviceReport(
  state: ServiceState,
  chosen: readonly ChosenStream[],
  { edge, maxClockSkewMs }: ExtractorOptions,
): EntityReport {
  const { lateness } = state.window
  const seen = {
    dialects: state.metrics.dialects,
    spans: state.spansMs > 0,
    requests: state.requestsMs > 0,
    logs: state.logsMs > 0,
  }
  const skewMs = Number.isNaN(lateness.smallestMs) ? 0 : clockSkew(lateness.smallestMs, edge.max_lateness)
  const problem = clockProblem(skewMs, edge.max_lateness, maxClockSkewMs)
  return {
    entity: state.entity,
    lastSeenMs: state.seenMs,
    streams: streams(SERVICE_STREAM, 'service', state.latest, chosen, seen, problem),
    dialects: [...state.metrics.dialects],
    delayMs: Number.isNaN(lateness.smallestMs) ? undefined : lateness.waitMs,
    skewMs,
    problem,
  }
}

export function hostReport(state: HostState, chosen: readonly ChosenStream[]): EntityReport {
  const seen = { dialects: state.metrics.dialects, spans: false, requests: false, logs: false }
  return {
    entity: state.entity,
    lastSeenMs: state.metrics.seenMs,
    streams: streams(HOST_STREAM, 'host', state.latest, chosen, seen),
    dialects: [...state.metrics.dialects],
    delayMs: undefined,
    skewMs: 0,
    problem: undefined,
  }
}

/** Features of windows, from which a clock that is off keeps spans and records away. */
const WINDOWED = /^(request_rate|error_rate|latency_|log_)/

function streams(
  standard: StreamSpec,
  kind: 'service' | 'host',
  latest: Evaluated | undefined,
  chosen: readonly ChosenStream[],
  seen: Seen,
  clock?: string,
): EntityReport['streams'] {
  const why = (name: string) =>
    clock !== undefined && WINDOWED.test(name) ? clock : whyMissing(name, kind, seen)
  const features = reportFeatures(standard.features, latest?.values, why)
  return [
    { stream: standard.name, timeMs: latest?.timeMs, features },
    ...chosen.map((one) => ({
      stream: one.spec.name,
      timeMs: latest?.timeMs,
      features: one.report(features),
    })),
  ]
}
