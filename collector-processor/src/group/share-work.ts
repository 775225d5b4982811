import type { ServiceShare } from '../feature/summary/service-share.ts'
import type { SpanShare } from '../graph/summary/span-share.ts'
import type { LogShare } from '../logs/summary/log-share.ts'
import type { Pipeline } from '../pipeline.ts'
import type { Fence } from '../store/shard.ts'
import type { StepParts } from './edges/codec.ts'
import type { Edges } from './edges/edges.ts'
import type { ShardProgress } from './edges/step-order.ts'
import type { ShardWork } from './work.ts'

export interface ShareWorkParts {
  readonly fence: Fence
  /** What former owners told of the shard; undefined: nothing. */
  readonly before: ShardProgress | undefined
  readonly spans: SpanShare
  readonly services: ServiceShare
  /** Of logs, and of spans for their events; undefined: they are told nothing of. */
  readonly logs: LogShare | undefined
  /** Of metrics: it scores hosts, and hands collections of services to `services`. */
  readonly pipeline: Pipeline | undefined
  readonly edges: Pick<Edges, 'tell'>
  readonly lost: () => boolean
}

/**
 * A partition of spans, metrics or logs: tells what they add to graph, evidence and windows, step by step. What is read again was told before: it only
 * makes those known that may still meet a relative, come twice, be the base of a rate, or have the words of a template.
 */
export function shareWork(parts: ShareWorkParts): ShardWork {
  const { fence, before, spans, services, logs, pipeline, edges, lost } = parts
  const toldMs = before?.atMs ?? Number.NEGATIVE_INFINITY
  const toldOffset = before?.offset ?? 0
  let offset = toldOffset
  /** What came of time until the last step that was told, such as calls that nobody answered, was told too. */
  let timeTold = before === undefined
  const drop = () => {
    spans.take()
    services.take()
    logs?.drop()
  }
  /** Logs first: they know the templates that the services name. */
  const take = (nowMs: number): StepParts => {
    const told = logs?.take(nowMs)
    return {
      spans: spans.take(),
      services: services.take((template) => logs?.id(template) ?? 0),
      ...(told !== undefined && { logs: told }),
    }
  }
  const passTold = () => {
    if (timeTold) return
    spans.advance(toldMs)
    drop()
    timeTold = true
  }
  let settledMs = toldMs
  return {
    pipeline,
    learned: logs,
    sink: {
      spans(batch, arrivalMs) {
        spans.spans(batch, arrivalMs)
        logs?.spans(batch, arrivalMs)
        services.spans(batch, arrivalMs)
      },
      metrics(batch, arrivalMs) {
        spans.resources(batch.resources, arrivalMs)
        pipeline?.features.metrics(batch, arrivalMs)
      },
      logs(batch, arrivalMs) {
        spans.resources(batch.resources, arrivalMs)
        logs?.logs(batch, arrivalMs)
        services.logs(batch, arrivalMs)
      },
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
      pipeline?.advance(nowMs)
      if (nowMs <= toldMs && !timeTold) drop()
      // A clock that stands, while a backlog is read, makes no step that others could tell from the one before.
      if (nowMs <= settledMs || lost()) return
      settledMs = nowMs
      const head = { shard: fence.shard, epoch: fence.epoch, at: nowMs, offset }
      edges.tell(head, take(nowMs))
    },
    reachedMs: undefined,
    get settledMs() {
      return settledMs
    },
    end() {
      spans.end()
      logs?.end()
      pipeline?.features.close()
    },
  }
}
