import type { GraphOperations } from '@adf/contract'
import { NodeStat } from './nodes.ts'
import type { GraphOptions } from './options.ts'
import { OperationSlot, type Tallies } from './tallies.ts'

/** What the figures are taken over; less while the service is younger or the history is shorter. */
const WINDOW_MS = 300_000

/** The operations within a service, by the latest slots. */
export function listOperations(
  tallies: Tallies,
  options: GraphOptions,
  node: number,
  nowMs: number,
): GraphOperations {
  const age = nowMs - tallies.nodes.get(node, NodeStat.firstSeen)
  const longest = Math.min(WINDOW_MS, options.history)
  const windowMs = Math.max(options.slot, Math.min(longest, age))
  const last = Math.floor(nowMs / options.slot)
  // of a young service all there is, also in the slot that it began in
  const first = age < longest ? Number.NEGATIVE_INFINITY : last - Math.ceil(windowMs / options.slot) + 1
  const found = tallies.operations.of(node).map((operation) => {
    const sums = { operation, calls: 0, exclusive: 0, origins: 0 }
    tallies.operationSlots.each(operation, (slot, read) => {
      if (slot < first || slot > last) return
      sums.calls += read(OperationSlot.calls)
      sums.exclusive += read(OperationSlot.exclusive)
      sums.origins += read(OperationSlot.origins)
    })
    return sums
  })
  const all = found.reduce((sum, { exclusive }) => sum + Math.max(0, exclusive), 0)
  return {
    at: new Date(nowMs).toISOString(),
    service: tallies.nodes.id(node),
    window_seconds: windowMs / 1000,
    operations: found
      .filter(({ calls }) => calls > 0)
      .sort((a, b) => b.exclusive - a.exclusive || b.calls - a.calls)
      .map(({ operation, calls, exclusive, origins }) => ({
        operation: tallies.operations.name(operation),
        rate: (1000 * calls) / windowMs,
        error_origin_rate: Math.min(1, Math.max(0, origins / calls)),
        exclusive_ms: Math.max(0, exclusive / calls),
        share: all > 0 ? Math.max(0, exclusive) / all : 0,
      })),
  }
}
