import type { ServiceShare } from '../feature/summary/service-share.ts'
import type { SpanShare } from '../graph/summary/span-share.ts'
import type { Fence } from '../store/shard.ts'
import type { Edges } from './edges/edges.ts'
import type { ShardProgress } from './edges/step-order.ts'
import type { ShardWork } from './work.ts'

export interface SpanWorkParts {
  readonly fence: Fence
  /** What former owners told of the shard; undefined: nothing. */
  readonly before: ShardProgress | undefined
  readonly spans: SpanShare
  readonly services: ServiceShare
  readonly edges: Pick<Edges, 'tell'>
  readonly lost: () => boolean
}

/**
 * A partition of spans: pairs them, and tells what they add to graph and windows, step by step. What is read again was told before: it only
 * makes the spans known that may still meet a relative, or come twice.
 */
export function spanWork({ fence, before, spans, services, edges, lost }: SpanWorkParts): ShardWork {
  const toldMs = before?.atMs ?? Number.NEGATIVE_INFINITY
  const toldOffset = before?.offset ?? 0
  let offset = toldOffset
  /** What came of time until the last step that was told, such as calls that nobody answered, was told too. */
  let timeTold = before === undefined
  const drop = () => {
    spans.take()
    services.take()
  }
  const passTold = () => {
    if (timeTold) return
    spans.advance(toldMs)
    drop()
    timeTold = true
  }
  return {
    pipeline: undefined,
    sink: {
      spans(batch, arrivalMs) {
        spans.spans(batch, arrivalMs)
        services.spans(batch, arrivalMs)
      },
      metrics: () => {},
      logs: () => {},
    },
    edges: () => {},
    taking(next) {
      if (next >= toldOffset) passTold()
    },
    taken(next) {
      offset = Math.max(offset, next)
      if (next <= toldOffset) drop()
    },
    advance(nowMs) {
      if (nowMs > toldMs) passTold()
      spans.advance(nowMs)
      if (nowMs <= toldMs) {
        if (!timeTold) drop()
        return
      }
      if (!lost())
        edges.tell(
          { ...{ shard: fence.shard, epoch: fence.epoch }, at: nowMs, offset },
          spans.take(),
          services.take(),
        )
    },
    reachedMs: undefined,
    end: () => spans.end(),
  }
}
