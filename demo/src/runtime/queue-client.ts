import { setTimeout } from 'node:timers/promises'
import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { QUEUE } from '../shop/topology.ts'
import { WireClient } from './wire.ts'

/** Batches handled at once: a slow handler must not fill the queue. */
const WORKERS = 4

interface Message {
  readonly headers: Record<string, string>
  readonly body: Record<string, unknown>
}

export interface QueueClient {
  publish(topic: string, body: Record<string, unknown>): Promise<void>
  /** Takes up to `batch` messages at a time until the process ends. A failed batch is not delivered again. */
  consume(
    topic: string,
    batch: number,
    handle: (bodies: readonly Record<string, unknown>[]) => Promise<void>,
  ): void
}

const attributes = (topic: string, operation: string, type: string) => ({
  'messaging.system': 'shop-queue',
  'messaging.destination.name': topic,
  'messaging.operation.name': operation,
  'messaging.operation.type': type,
  'server.address': QUEUE,
})

/** A queue client with the spans that its instrumentation would make; the context travels in the message's headers. */
export function createQueueClient(group: string, port: () => number): QueueClient {
  const tracer = trace.getTracer('shop-queue-client', '1.0.0')
  const wire = new WireClient(port)

  const publish = async (topic: string, body: Record<string, unknown>) => {
    const span = tracer.startSpan(`send ${topic}`, {
      kind: SpanKind.PRODUCER,
      attributes: { ...attributes(topic, 'send', 'send'), 'server.port': port() },
    })
    const headers: Record<string, string> = {}
    propagation.inject(trace.setSpan(context.active(), span), headers)
    try {
      await wire.request('publish', { topic, message: { headers, body } satisfies Message })
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: String(error) })
      throw error
    } finally {
      span.end()
    }
  }

  /** One message: child of its producer. Several: a trace of its own that links to every producer (semantic conventions). */
  const process = async (topic: string, messages: readonly Message[], handle: () => Promise<void>) => {
    const producers = messages.map((message) => propagation.extract(ROOT_CONTEXT, message.headers))
    const single = producers.length === 1 ? producers[0] : undefined
    const links = producers.flatMap((producer) => {
      const spanContext = trace.getSpanContext(producer)
      return spanContext ? [{ context: spanContext }] : []
    })
    const span = tracer.startSpan(
      `process ${topic}`,
      {
        kind: SpanKind.CONSUMER,
        links: single ? [] : links,
        attributes: {
          ...attributes(topic, 'process', 'process'),
          'messaging.consumer.group.name': group,
          'messaging.batch.message_count': messages.length,
        },
      },
      single ?? ROOT_CONTEXT,
    )
    try {
      await context.with(trace.setSpan(single ?? ROOT_CONTEXT, span), handle)
    } catch (error) {
      span.recordException(error instanceof Error ? error : String(error))
      span.setStatus({ code: SpanStatusCode.ERROR, message: String(error) })
    } finally {
      span.end()
    }
  }

  return {
    publish,
    consume(topic, batch, handle) {
      const work = async () => {
        for (;;) {
          try {
            const messages = (await wire.request('take', { topic, group, batch })) as readonly Message[]
            await process(topic, messages, () => handle(messages.map((message) => message.body)))
          } catch {
            // The broker is away: look again soon.
            await setTimeout(200)
          }
        }
      }
      for (let worker = 0; worker < WORKERS; worker++) void work()
    },
  }
}
