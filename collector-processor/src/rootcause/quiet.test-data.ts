import type { EdgeEvidence, EvidenceWindow, NodeEvidence, Series } from './evidence.ts'
import { NO_QUIET_EDGES } from './evidence.ts'

const HISTORY = 40
const WINDOW = 5

/** A series that was `usual` (a tenth up and down) and then is `now`. */
function series(usual: number, now: number = usual): Series {
  return {
    history: Float64Array.from({ length: HISTORY }, (_, at) => usual * (1 + 0.05 * ((at % 5) - 2))),
    window: new Float64Array(WINDOW).fill(now),
  }
}

/** A service known from metrics alone: 100 requests a slot, 20 ms each, none failed, unless told. */
export function service(id: string, more: { latencyMs?: number; failed?: number } = {}): NodeEvidence {
  return {
    id,
    virtual: false,
    requests: series(100),
    requestRate: series(20),
    usualRate: false,
    latencyMs: series(20, more.latencyMs),
    failed: series(0, more.failed),
    spansPerRequest: series(1),
    blind: true,
    operations: [],
  }
}

export function call(client: string, server: string, more: Partial<EdgeEvidence> = {}): EdgeEvidence {
  return {
    client,
    server,
    connection: 'call',
    calls: series(100),
    clientRequests: series(100),
    callsPerRequest: series(1),
    failures: series(0),
    unexplained: series(0),
    gapMs: series(2),
    unanswered: series(0),
    ...more,
  }
}

export function evidence(
  nodes: readonly NodeEvidence[],
  edges: readonly EdgeEvidence[],
  more: Partial<EvidenceWindow> = {},
): EvidenceWindow {
  return {
    nodes,
    edges,
    quiet: NO_QUIET_EDGES,
    windowSlots: Float64Array.from({ length: WINDOW }, (_, at) => (HISTORY + at) * 5000),
    slotMs: 5000,
    waitedMs: 0,
    placements: [],
    changes: [],
    ...more,
  }
}
