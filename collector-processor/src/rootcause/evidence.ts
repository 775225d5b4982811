/**
 * What the ranking reads: per service, operation and edge, one sample per time slot, with the slots of the judged window
 * apart from those of history. The graph makes it. Only slots in which anything at all was seen are there, so that a gap
 * in the data is not a drop in traffic.
 */
export interface EvidenceWindow {
  /** Services of the graph (ids as in contract's GraphNode), virtual nodes included. */
  readonly nodes: readonly NodeEvidence[]
  /** Edges that may be odd. */
  readonly edges: readonly EdgeEvidence[]
  /** Edges with calls in window and history on which nothing is odd. */
  readonly quiet: QuietEdges
  /** Starts of the slots of the window, ms since the epoch, ascending. */
  readonly windowSlots: Float64Array
  readonly slotMs: number
  /** What requests took within the window, ms in all, at the service where that is most: its requests hold those of the others. */
  readonly waitedMs: number
  /** What services run on, as their resource attributes tell. */
  readonly placements: readonly Placement[]
  /** Deployments within window and history. */
  readonly changes: readonly ChangeEvidence[]
}

/** A service with an instance on a host. */
interface Placement {
  readonly service: string
  /** `host.name`, else the Kubernetes node. */
  readonly host: string
}

/** A change of what runs, seen in resource attributes. */
interface ChangeEvidence {
  readonly service: string
  readonly what: 'version' | 'image' | 'config'
  readonly from: string
  readonly to: string
  /** First telemetry with the new value. */
  readonly atMs: number
}

export interface NodeEvidence {
  readonly id: string
  readonly virtual: boolean
  /** Requests served in the slots. */
  readonly requests: Series
  /** Requests served, per second; NaN in a slot that is not over. */
  readonly requestRate: Series
  /** The rate is known to be as usual, and need not be looked at. */
  readonly usualRate: boolean
  /** Mean duration of a request, with all that it waits for, ms; NaN in a slot without requests. */
  readonly latencyMs: Series
  /** Share of requests that failed, wherever that began. */
  readonly failed: Series
  /** Spans of all its operations per request; NaN in a slot without requests. */
  readonly spansPerRequest: Series
  /** Its requests are known from metrics alone: no span says where the time went. */
  readonly blind: boolean
  /** Operations that may be odd. */
  readonly operations: readonly OperationEvidence[]
}

/** Edges of which no more is asked than that they are there, as columns. */
export interface QuietEdges {
  /** Positions in `nodes`. */
  readonly client: Uint32Array
  readonly server: Uint32Array
  /** Calls in the window. */
  readonly count: Float64Array
  /** 1 = the connection is `user`. */
  readonly user: Uint8Array
}

export interface OperationEvidence {
  readonly operation: string
  /** Spans of this operation that ended in the slots. */
  readonly calls: Series
  /** Mean exclusive time per call (span minus the union of its children), ms; NaN in a slot without calls. */
  readonly exclusiveMs: Series
  /** Spans of this operation per request that its service served in the slot; NaN when it served none. */
  readonly perRequest: Series
  /** Share of calls that failed with no failed child. */
  readonly errorOrigin: Series
}

export interface EdgeEvidence {
  readonly client: string
  readonly server: string
  readonly connection: 'call' | 'database' | 'messaging' | 'peer' | 'user'
  readonly calls: Series
  /** Requests that the client itself served in the slots. */
  readonly clientRequests: Series
  /** Calls per request that the client itself served in the slot; NaN when it served none or calls are still open. */
  readonly callsPerRequest: Series
  /** Share of calls that failed on either side. */
  readonly failures: Series
  /** Share of calls that failed for the client although the server span was fine or there is none (a virtual server). */
  readonly unexplained: Series
  /** Mean of client minus server duration, ms; of the client's duration for a virtual server; NaN without paired calls. */
  readonly gapMs: Series
  /** Calls whose server span never came, share. */
  readonly unanswered: Series
}

/** One value per slot; NaN = nothing seen. `window` is what is judged, `history` what is normal. Oldest first. */
export interface Series {
  readonly window: Float64Array
  readonly history: Float64Array
}

/** What the logs of a service say in the window, against its own history. */
export interface LogEvidence {
  readonly service: string
  /** template: records of one template; transition: one template after another within a span; exception: of one type. */
  readonly what: 'template' | 'transition' | 'exception'
  /** The template, the two templates, or `exception.type`. */
  readonly subject: string
  /** One line that shows it. */
  readonly example: string
  /**
   * Records per request that the service served (per second when it serves none), in the window and usually, 0 = none; of a
   * transition, the share of the first template's records that the second follows.
   */
  readonly value: number
  readonly expected: number
  /** Robust z-score of `value` against history; positive = more, negative = fewer. */
  readonly z: number
  readonly sinceMs: number
}

/** A host's anomaly: it speaks for the services that run there. */
export interface HostEvidence extends Omit<MetricEvidence, 'service'> {
  readonly host: string
}

/** An anomaly as the ranking needs it. */
export interface MetricEvidence {
  readonly service: string
  readonly feature: string
  readonly unit: string
  readonly value: number
  readonly expected: number
  /** Calibrated score times the feature's share, 0 … 1. */
  readonly strength: number
  readonly sinceMs: number
}

export const NO_QUIET_EDGES: QuietEdges = {
  client: new Uint32Array(0),
  server: new Uint32Array(0),
  count: new Float64Array(0),
  user: new Uint8Array(0),
}
