import { Registry } from 'prom-client'
import { LogBatchBuilder, type PlainLog } from '../telemetry/log-builder.ts'
import { type PlainSpan, SpanBatchBuilder } from '../telemetry/span-builder.ts'
import { createTables } from '../telemetry/tables.ts'
import { LogMining } from './log-mining.ts'
import type { LogOptions } from './options.ts'

const SLOTS = { slot: 5000, history: 1_800_000 }
const OPTIONS: LogOptions = {
  max_templates: 1000,
  max_templates_per_service: 100,
  max_transitions: 1000,
  max_exceptions: 100,
  max_open_spans: 4096,
  max_line: 4096,
}

/** A miner with what it takes to hand records to it. */
export function miningOf(options: Partial<LogOptions> = {}) {
  const registry = new Registry()
  const mining = new LogMining({ ...OPTIONS, ...options }, SLOTS, registry)
  const tables = createTables({ max_strings: 1000, max_resources: 100, max_services: 100 }, registry)
  const builder = new LogBatchBuilder(tables)
  const spans = new SpanBatchBuilder(tables)
  const take = (logs: readonly PlainLog[]): number[] => {
    builder.reset()
    for (const log of logs) builder.add(log)
    mining.logs(builder.batch, Math.max(...logs.map(({ timeMs }) => timeMs)))
    return [...builder.batch.template.subarray(0, logs.length)]
  }
  const takeSpans = (all: readonly PlainSpan[], nowMs: number) => {
    spans.reset()
    for (const span of all) spans.add(span)
    mining.spans(spans.batch, nowMs)
  }
  return { mining, registry, take, takeSpans }
}

export function bodies(...lines: readonly string[]): PlainLog[] {
  return lines.map((body) => ({ resource: { 'service.name': 'cart' }, timeMs: 1_000_000, severity: 9, body }))
}

/** Texts of the templates that the lines make, in the order of their number of lines. */
export function templatesOf(...lines: readonly string[]): string[] {
  const { mining, take } = miningOf()
  take(bodies(...lines))
  return mining.templates('cart').map(({ text }) => text)
}
