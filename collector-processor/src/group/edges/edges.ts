import type { Component, Logger } from '@adf/service'
import { type BaseOptions, Producer } from '@platformatic/kafka'
import type { Registry } from 'prom-client'
import type { CausalGraph } from '../../graph/causal-graph.ts'
import { faultInWords } from '../../kafka/connection.ts'
import { RetryingProducer } from '../../kafka/retrying-producer.ts'
import type { LogReader } from '../../logs/summary/log-reader.ts'
import type { KafkaMessage } from '../../receiver/kafka/message.ts'
import type { Fence } from '../../store/shard.ts'
import { decodeSummary, encodeBegin, encodeStep, type StepHead, type StepParts } from './codec.ts'
import { createEdgeMetrics } from './metrics.ts'
import { type ShardProgress, StepOrder, type StepOrderOptions } from './step-order.ts'
import { TopicReader } from './topic-reader.ts'

const BEGIN_MS = 10_000
const RETRY_MS = 500

export interface EdgesOptions {
  readonly topic: string
  readonly connection: BaseOptions
  readonly groupId: string
  readonly graph: CausalGraph
  readonly logs: LogReader
  readonly stepMs: number
  /** How far back what is told there is read. */
  readonly historyMs: number
  readonly maxBehindMs: number
  /** Of what waits to be sent, and of what waits for slower shards. */
  readonly maxBytes: number
  readonly registry: Registry
  readonly log: Pick<Logger, 'warn'>
  readonly wall: () => number
}

/** What shards tell each other's processes. */
export interface Edges {
  /** Why nothing can be told, or known, now. */
  fault(): string | undefined
  /** Why no more may be told now: too much waits for the topic. */
  full(): string | undefined
  /** Says that a shard is this process's from now on. Resolves to what its former ones told of it; rejects when that cannot be known. */
  begin(fence: Fence): Promise<ShardProgress | undefined>
  tell(head: StepHead, step: StepParts): void
  /** All that was told is in the topic; rejects when it is not. */
  arrived(): Promise<void>
  /** Until when graph and logs have the steps of all shards; undefined while there are none. */
  readonly reachedMs: number | undefined
  /** For another reader of the same messages. */
  order(): StepOrder
  readonly components: readonly Component[]
}

/** Sends the summaries of this process's shards to the topic, and makes the graph, and the evidence of logs, of what all tell there. */
export function createEdges(options: EdgesOptions): Edges {
  const { topic, connection, graph, logs, registry, log, stepMs, maxBehindMs, maxBytes } = options
  const metrics = createEdgeMetrics(registry, {
    waitingBytes: () => sender.waitingBytes,
    heldSteps: () => order.waiting,
  })
  const orderOptions: StepOrderOptions = {
    ...{ stepMs, maxBehindMs, maxBytes },
    ignored: (reason) => metrics.ignored.inc({ reason }),
    overrun: () => metrics.overruns.inc(),
  }
  const order = new StepOrder(orderOptions)
  let told: string | undefined
  const sender = new RetryingProducer({
    connect: () => new Producer(connection),
    retryMs: RETRY_MS,
    failed(error) {
      metrics.failures.inc()
      const words = faultInWords(error)
      if (words !== told) log.warn({ topic }, `summaries wait: ${words}`)
      told = words
    },
  })
  const arrived = () => metrics.sent.inc()
  const send = (value: Buffer) => sender.add({ message: { topic, partition: 0, value }, arrived })
  let waiting: (() => void)[] = []
  const take = (messages: readonly KafkaMessage[]) => {
    for (const { value, timestampMs } of messages) {
      try {
        order.take(decodeSummary(value), value.length, timestampMs)
      } catch {
        metrics.ignored.inc({ reason: 'malformed' })
      }
    }
    order.run({
      add(step) {
        graph.add(step.spans, step.at)
        if (step.logs !== undefined) logs.add(step.logs)
      },
      advance: () => {},
    })
    const those = waiting
    waiting = []
    for (const each of those) each()
  }
  const reader = new TopicReader({
    ...{ topic, connection, take },
    groupId: `${options.groupId}.edges`,
    sinceMs: () => options.wall() - options.historyMs,
    failed: (words) => log.warn({ topic }, `summaries cannot be read: ${words}`),
  })
  const full = () =>
    sender.waitingBytes > maxBytes ? `${topic} takes nothing: ${faultInWords(sender.fault)}` : undefined
  const fault = () => (reader.fault === undefined ? full() : `${topic}: ${reader.fault}`)
  const seen = async (shard: string, epoch: number): Promise<ShardProgress | undefined> => {
    const untilMs = performance.now() + BEGIN_MS
    for (;;) {
      const progress = order.progress(shard)
      if (progress !== undefined && progress.epoch > epoch)
        throw new Error(`another processor has taken ${shard} over`)
      if (progress?.epoch === epoch) return progress
      if (performance.now() > untilMs) throw new Error(`${topic} does not show what was written to it`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, BEGIN_MS)
        waiting.push(() => {
          clearTimeout(timer)
          resolve()
        })
      })
    }
  }
  return {
    fault,
    full,
    async begin({ shard, epoch }) {
      const why = fault()
      if (why !== undefined) throw new Error(why)
      if (!reader.caughtUp) throw new Error(`${topic} is not read up to its end yet`)
      send(encodeBegin(shard, epoch))
      await sender.flushed()
      const progress = await seen(shard, epoch)
      return progress !== undefined && Number.isFinite(progress.atMs) ? { ...progress } : undefined
    },
    tell: (head, step) => encodeStep(head, step).forEach(send),
    arrived: () => sender.flushed(),
    get reachedMs() {
      return Number.isFinite(order.reachedMs) ? order.reachedMs : undefined
    },
    order: () => new StepOrder(orderOptions),
    components: [{ name: 'edges.sender', start: async () => {}, stop: () => sender.stop() }, reader],
  }
}
