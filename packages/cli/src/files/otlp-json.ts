import type { PlainLog, PlainPoint, PlainSpan } from '@adf/processor'
import { z } from 'zod'
import { FileError } from './file-error.ts'
import { fullId } from './spans.ts'

const Whole = z.union([z.number(), z.string().regex(/^-?\d{1,20}$/)])
const Value = z.looseObject({
  stringValue: z.string().optional(),
  boolValue: z.boolean().optional(),
  intValue: Whole.optional(),
  doubleValue: z.union([z.number(), z.string()]).optional(),
})
const Attributes = z.array(z.looseObject({ key: z.string(), value: Value.optional() })).default([])
const KeyValues = z.looseObject({ values: Attributes })
const ResourceOf = z.looseObject({ attributes: Attributes }).prefault({})
const Link = z.looseObject({ traceId: z.string(), spanId: z.string() })
const Event = z.looseObject({
  timeUnixNano: Whole.default(0),
  name: z.string().default(''),
  attributes: Attributes,
})
const Span = z.looseObject({
  traceId: z.string(),
  spanId: z.string(),
  traceState: z.string().default(''),
  parentSpanId: z.string().default(''),
  name: z.string().default(''),
  kind: z.int().default(0),
  startTimeUnixNano: Whole,
  endTimeUnixNano: Whole,
  attributes: Attributes,
  links: z.array(Link).default([]),
  events: z.array(Event).default([]),
  status: z.looseObject({ code: z.int().default(0) }).prefault({}),
})
const NumberPoint = z.looseObject({
  attributes: Attributes,
  timeUnixNano: Whole.default(0),
  startTimeUnixNano: Whole.default(0),
  asDouble: z.union([z.number(), z.string()]).optional(),
  asInt: Whole.optional(),
})
const Points = z.looseObject({ dataPoints: z.array(NumberPoint).default([]) })
const Metric = z.looseObject({
  name: z.string().default(''),
  unit: z.string().default(''),
  gauge: Points.optional(),
  sum: z
    .looseObject({
      ...Points.shape,
      aggregationTemporality: z.int().default(0),
      isMonotonic: z.boolean().default(false),
    })
    .optional(),
})
const LogRecord = z.looseObject({
  timeUnixNano: Whole.default(0),
  observedTimeUnixNano: Whole.default(0),
  severityNumber: z.int().default(0),
  body: Value.optional(),
  attributes: Attributes,
  traceId: z.string().default(''),
  spanId: z.string().default(''),
})
const ScopeSpans = z.looseObject({ spans: z.array(Span).default([]) })
const ScopeMetrics = z.looseObject({ metrics: z.array(Metric).default([]) })
const ScopeLogs = z.looseObject({ logRecords: z.array(LogRecord).default([]) })
const Request = z.looseObject({
  resourceSpans: z
    .array(z.looseObject({ resource: ResourceOf, scopeSpans: z.array(ScopeSpans).default([]) }))
    .optional(),
  resourceMetrics: z
    .array(z.looseObject({ resource: ResourceOf, scopeMetrics: z.array(ScopeMetrics).default([]) }))
    .optional(),
  resourceLogs: z
    .array(z.looseObject({ resource: ResourceOf, scopeLogs: z.array(ScopeLogs).default([]) }))
    .optional(),
})

type Attribute = string | number | boolean

/** What one line of the collector's file exporter holds: one export request of one signal. */
export interface OtlpLine {
  readonly spans: readonly PlainSpan[]
  /** Points of gauges and sums; histograms are left out. */
  readonly points: readonly PlainPoint[]
  readonly logs: readonly PlainLog[]
}

/** Reads one line of OTLP JSON. Throws FileError when it is none. */
export function otlpLine(json: unknown, path: string, line: number): OtlpLine {
  const parsed = Request.safeParse(json)
  if (!parsed.success)
    throw new FileError(path, line, `no OTLP JSON: ${z.prettifyError(parsed.error).replaceAll('\n', ' ')}`)
  const { resourceSpans, resourceMetrics, resourceLogs } = parsed.data
  if (resourceSpans === undefined && resourceMetrics === undefined && resourceLogs === undefined)
    throw new FileError(path, line, 'no OTLP JSON: expected resourceSpans, resourceMetrics or resourceLogs')
  const id = (text: string, length: 16 | 32) => {
    const full = fullId(text, length)
    if (full === undefined || text.length !== length)
      throw new FileError(path, line, `${JSON.stringify(text)} is no id of ${length} hex digits`)
    return full
  }
  return {
    spans: (resourceSpans ?? []).flatMap(({ resource, scopeSpans }) =>
      scopeSpans.flatMap(({ spans }) => spans.map((span) => plainSpan(span, plain(resource.attributes), id))),
    ),
    points: (resourceMetrics ?? []).flatMap(({ resource, scopeMetrics }) =>
      scopeMetrics.flatMap(({ metrics }) =>
        metrics.flatMap((metric) => plainPoints(metric, plain(resource.attributes))),
      ),
    ),
    logs: (resourceLogs ?? []).flatMap(({ resource, scopeLogs }) =>
      scopeLogs.flatMap(({ logRecords }) =>
        logRecords.map((record) => plainLog(record, plain(resource.attributes), id)),
      ),
    ),
  }
}

function plainSpan(
  span: z.output<typeof Span>,
  resource: Record<string, Attribute>,
  id: (text: string, length: 16 | 32) => string,
): PlainSpan {
  return {
    resource,
    traceId: id(span.traceId, 32),
    spanId: id(span.spanId, 16),
    ...(span.parentSpanId === '' ? {} : { parentSpanId: id(span.parentSpanId, 16) }),
    ...(span.traceState === '' ? {} : { traceState: span.traceState }),
    name: span.name,
    kind: span.kind,
    status: span.status.code,
    startMs: milliseconds(span.startTimeUnixNano),
    durationMs: Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1e6,
    attributes: plain(span.attributes),
    links: span.links.map((link) => ({ traceId: id(link.traceId, 32), spanId: id(link.spanId, 16) })),
    events: span.events.map(({ timeUnixNano, name, attributes }) => ({
      timeMs: milliseconds(timeUnixNano),
      name,
      attributes: plain(attributes),
    })),
  }
}

function plainPoints(metric: z.output<typeof Metric>, resource: Record<string, Attribute>): PlainPoint[] {
  const points = metric.gauge?.dataPoints ?? metric.sum?.dataPoints ?? []
  return points.map((point) => ({
    resource,
    name: metric.name,
    unit: metric.unit,
    kind: metric.gauge === undefined ? 'sum' : 'gauge',
    temporality: metric.sum?.aggregationTemporality ?? 0,
    monotonic: metric.sum?.isMonotonic ?? false,
    timeMs: milliseconds(point.timeUnixNano),
    startMs: milliseconds(point.startTimeUnixNano),
    attributes: plain(point.attributes),
    value: Number(point.asDouble ?? point.asInt ?? Number.NaN),
  }))
}

function plainLog(
  record: z.output<typeof LogRecord>,
  resource: Record<string, Attribute>,
  id: (text: string, length: 16 | 32) => string,
): PlainLog {
  const time = milliseconds(record.timeUnixNano)
  const { 'exception.type': type, 'exception.message': message } = plain(record.attributes)
  const body = bodyOf(record.body) ?? message
  return {
    resource,
    timeMs: time > 0 ? time : milliseconds(record.observedTimeUnixNano),
    severity: record.severityNumber,
    ...(body === undefined ? {} : { body: String(body) }),
    ...(record.traceId === '' ? {} : { traceId: id(record.traceId, 32) }),
    ...(record.spanId === '' ? {} : { spanId: id(record.spanId, 16) }),
    ...(type === undefined ? {} : { exceptionType: String(type) }),
  }
}

/** A body that is a map as JSON, which says the same. */
function bodyOf(value: z.output<typeof Value> | undefined): string | undefined {
  if (value?.stringValue !== undefined) return value.stringValue
  const list = KeyValues.safeParse(value?.['kvlistValue'])
  return list.success ? JSON.stringify(objectOf(list.data)) : undefined
}

function objectOf({ values }: z.output<typeof KeyValues>): Record<string, unknown> {
  return Object.fromEntries(
    values.map(({ key, value }) => {
      const list = KeyValues.safeParse(value?.['kvlistValue'])
      return [key, list.success ? objectOf(list.data) : (Object.values(value ?? {})[0] ?? null)]
    }),
  )
}

function plain(attributes: z.output<typeof Attributes>): Record<string, Attribute> {
  const values: Record<string, Attribute> = {}
  for (const { key, value } of attributes) {
    const scalar = value?.stringValue ?? value?.boolValue ?? value?.intValue ?? value?.doubleValue
    if (scalar !== undefined) values[key] = scalar
  }
  return values
}

/** Nanoseconds as milliseconds; whole and fractional part apart, since a double of nanoseconds is 256 ns coarse. */
function milliseconds(nanos: number | string): number {
  const whole = BigInt(nanos)
  return Number(whole / 1_000_000n) + Number(whole % 1_000_000n) / 1e6
}
