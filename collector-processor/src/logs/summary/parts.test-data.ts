import { LogSummary } from '@adf/contract'
import { Registry } from 'prom-client'
import { LogBatchBuilder, type PlainLog } from '../../telemetry/log-builder.ts'
import { type PlainSpan, SpanBatchBuilder } from '../../telemetry/span-builder.ts'
import { createTables } from '../../telemetry/tables.ts'
import { LogMining } from '../log-mining.ts'
import type { LogOptions } from '../options.ts'
import { LogReader } from './log-reader.ts'
import { LogShare } from './log-share.ts'

export const SLOTS = { slot: 5000, history: 1_800_000 }
const OPTIONS: LogOptions = {
  max_templates: 1000,
  max_templates_per_service: 200,
  max_transitions: 1000,
  max_exceptions: 100,
  max_open_spans: 4096,
  max_line: 4096,
}

/** One that mines all lines, and one that reads what several parts tell of theirs. */
export function minedInParts(parts: number, changed: Partial<LogOptions> = {}) {
  const options = { ...OPTIONS, ...changed }
  const registry = new Registry()
  const whole = new LogMining(options, SLOTS, new Registry())
  const reader = new LogReader(options, SLOTS, registry)
  const begin = () => new LogShare(options, SLOTS, reader.parts)
  const shares = Array.from({ length: parts }, begin)
  const tables = createTables({ max_strings: 1000, max_resources: 1000, max_services: 100 }, new Registry())
  const batchOf = (logs: readonly PlainLog[]) => {
    const builder = new LogBatchBuilder(tables)
    for (const log of logs) builder.add(log)
    return builder.batch
  }
  const spansOf = (spans: readonly PlainSpan[]) => {
    const builder = new SpanBatchBuilder(tables)
    for (const span of spans) builder.add(span)
    return builder.batch
  }
  return {
    ...{ whole, reader, shares, begin, batchOf, options },
    /** To the whole, and to the part of each record. */
    send(logs: readonly PlainLog[], partOf: (log: PlainLog, at: number) => number, nowMs: number) {
      if (logs.length > 0) whole.logs(batchOf(logs), nowMs)
      for (const [at, share] of shares.entries()) {
        const its = logs.filter((log, n) => partOf(log, n) % parts === at)
        if (its.length > 0) share.logs(batchOf(its), nowMs)
      }
    },
    sendSpans(spans: readonly PlainSpan[], part: number, nowMs: number) {
      whole.spans(spansOf(spans), nowMs)
      shares[part]?.spans(spansOf(spans), nowMs)
    },
    /** What all parts told, as messages carry it. */
    step(nowMs: number): LogSummary[] {
      const told = shares.flatMap((share) => share.take(nowMs) ?? [])
      const read = told.map((one) => LogSummary.parse(JSON.parse(JSON.stringify(one))))
      for (const one of read) reader.add(one)
      return read
    },
    async dropped(reason: string) {
      const metric = await registry.getSingleMetric('adf_log_templates_dropped_total')?.get()
      return metric?.values.find(({ labels }) => labels['reason'] === reason)?.value ?? 0
    },
  }
}
