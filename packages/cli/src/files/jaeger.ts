import { type PlainSpan, SpanKind, StatusCode } from '@adf/processor'
import { z } from 'zod'
import { FileError } from './file-error.ts'
import { type FileSpan, fullId } from './spans.ts'

const Tag = z.looseObject({ key: z.string(), value: z.union([z.string(), z.number(), z.boolean()]) })
const JaegerSpan = z.looseObject({
  traceID: z.string(),
  spanID: z.string(),
  operationName: z.string(),
  references: z
    .array(z.looseObject({ refType: z.string(), traceID: z.string(), spanID: z.string() }))
    .nullish(),
  startTime: z.number(),
  duration: z.number(),
  tags: z.array(Tag).nullish(),
  processID: z.string(),
})
const Trace = z.looseObject({
  spans: z.array(JaegerSpan),
  processes: z.record(z.string(), z.looseObject({ serviceName: z.string(), tags: z.array(Tag).nullish() })),
})
const Document = z.looseObject({ data: z.array(Trace) })

const KINDS: Readonly<Record<string, number>> = SpanKind

/** Spans of one document of Jaeger's query API. The first CHILD_OF of the same trace is the parent, other references are links. */
export function jaegerSpans(json: unknown, path: string, line: number): FileSpan[] {
  const parsed = Document.safeParse(json)
  if (!parsed.success)
    throw new FileError(path, line, `no Jaeger JSON: ${z.prettifyError(parsed.error).replaceAll('\n', ' ')}`)
  return parsed.data.data.flatMap((trace) =>
    trace.spans.map((span) => ({ line, ...plainSpan(span, trace, path, line) })),
  )
}

function plainSpan(
  span: z.output<typeof JaegerSpan>,
  trace: z.output<typeof Trace>,
  path: string,
  line: number,
): PlainSpan {
  const process = trace.processes[span.processID]
  if (process === undefined)
    throw new FileError(path, line, `span ${span.spanID}: no process ${span.processID}`)
  const id = (text: string, length: 16 | 32) => {
    const full = fullId(text, length)
    if (full === undefined) throw new FileError(path, line, `${JSON.stringify(text)} is no hex id`)
    return full
  }
  const references = span.references ?? []
  const parent = references.find((r) => r.refType === 'CHILD_OF' && r.traceID === span.traceID)
  const attributes = Object.fromEntries((span.tags ?? []).map((tag) => [tag.key, tag.value]))
  return {
    resource: { 'service.name': process.serviceName },
    traceId: id(span.traceID, 32),
    spanId: id(span.spanID, 16),
    ...(parent === undefined ? {} : { parentSpanId: id(parent.spanID, 16) }),
    name: span.operationName,
    kind: KINDS[String(attributes['span.kind'])] ?? SpanKind.unspecified,
    status: String(attributes['error']) === 'true' ? StatusCode.error : StatusCode.unset,
    startMs: span.startTime / 1000,
    durationMs: span.duration / 1000,
    attributes,
    links: references
      .filter((r) => r !== parent)
      .map((r) => ({ traceId: id(r.traceID, 32), spanId: id(r.spanID, 16) })),
  }
}
