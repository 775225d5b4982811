const SCALAR_TYPES = [
  'string',
  'hex',
  'base64',
  'bool',
  'enum',
  'uint32',
  'sint32',
  'fixed32',
  'int64',
  'uint64',
  'fixed64',
  'sfixed64',
  'double',
] as const

/** Types of OTLP fields as JSON has them. `hex` and `base64` are both protobuf bytes; any other name is a message. */
export type Scalar = (typeof SCALAR_TYPES)[number]

export interface Field {
  readonly name: string
  readonly number: number
  readonly type: Scalar | keyof typeof TABLE
  readonly repeated: boolean
}

/** name:number:type, `[]` = repeated. Source: opentelemetry-proto 1.11, names in lowerCamelCase as its JSON mapping asks for. */
const TABLE = {
  ExportTraceServiceRequest: 'resourceSpans:1:ResourceSpans[]',
  ResourceSpans: 'resource:1:Resource scopeSpans:2:ScopeSpans[] schemaUrl:3:string',
  ScopeSpans: 'scope:1:Scope spans:2:Span[] schemaUrl:3:string',
  Span:
    'traceId:1:hex spanId:2:hex traceState:3:string parentSpanId:4:hex name:5:string kind:6:enum ' +
    'startTimeUnixNano:7:fixed64 endTimeUnixNano:8:fixed64 attributes:9:KeyValue[] ' +
    'droppedAttributesCount:10:uint32 events:11:SpanEvent[] droppedEventsCount:12:uint32 links:13:Link[] ' +
    'droppedLinksCount:14:uint32 status:15:Status flags:16:fixed32',
  SpanEvent: 'timeUnixNano:1:fixed64 name:2:string attributes:3:KeyValue[] droppedAttributesCount:4:uint32',
  Link:
    'traceId:1:hex spanId:2:hex traceState:3:string attributes:4:KeyValue[] droppedAttributesCount:5:uint32 ' +
    'flags:6:fixed32',
  Status: 'message:2:string code:3:enum',

  ExportMetricsServiceRequest: 'resourceMetrics:1:ResourceMetrics[]',
  ResourceMetrics: 'resource:1:Resource scopeMetrics:2:ScopeMetrics[] schemaUrl:3:string',
  ScopeMetrics: 'scope:1:Scope metrics:2:Metric[] schemaUrl:3:string',
  Metric:
    'name:1:string description:2:string unit:3:string gauge:5:Gauge sum:7:Sum histogram:9:Histogram ' +
    'exponentialHistogram:10:ExponentialHistogram summary:11:Summary metadata:12:KeyValue[]',
  Gauge: 'dataPoints:1:NumberDataPoint[]',
  Sum: 'dataPoints:1:NumberDataPoint[] aggregationTemporality:2:enum isMonotonic:3:bool',
  Histogram: 'dataPoints:1:HistogramDataPoint[] aggregationTemporality:2:enum',
  ExponentialHistogram: 'dataPoints:1:ExponentialHistogramDataPoint[] aggregationTemporality:2:enum',
  Summary: 'dataPoints:1:SummaryDataPoint[]',
  NumberDataPoint:
    'startTimeUnixNano:2:fixed64 timeUnixNano:3:fixed64 asDouble:4:double exemplars:5:Exemplar[] ' +
    'asInt:6:sfixed64 attributes:7:KeyValue[] flags:8:uint32',
  HistogramDataPoint:
    'startTimeUnixNano:2:fixed64 timeUnixNano:3:fixed64 count:4:fixed64 sum:5:double bucketCounts:6:fixed64[] ' +
    'explicitBounds:7:double[] exemplars:8:Exemplar[] attributes:9:KeyValue[] flags:10:uint32 min:11:double max:12:double',
  ExponentialHistogramDataPoint:
    'attributes:1:KeyValue[] startTimeUnixNano:2:fixed64 timeUnixNano:3:fixed64 count:4:fixed64 sum:5:double ' +
    'scale:6:sint32 zeroCount:7:fixed64 positive:8:Buckets negative:9:Buckets flags:10:uint32 ' +
    'exemplars:11:Exemplar[] min:12:double max:13:double zeroThreshold:14:double',
  Buckets: 'offset:1:sint32 bucketCounts:2:uint64[]',
  SummaryDataPoint:
    'startTimeUnixNano:2:fixed64 timeUnixNano:3:fixed64 count:4:fixed64 sum:5:double ' +
    'quantileValues:6:ValueAtQuantile[] attributes:7:KeyValue[] flags:8:uint32',
  ValueAtQuantile: 'quantile:1:double value:2:double',
  Exemplar:
    'timeUnixNano:2:fixed64 asDouble:3:double spanId:4:hex traceId:5:hex asInt:6:sfixed64 ' +
    'filteredAttributes:7:KeyValue[]',

  ExportLogsServiceRequest: 'resourceLogs:1:ResourceLogs[]',
  ResourceLogs: 'resource:1:Resource scopeLogs:2:ScopeLogs[] schemaUrl:3:string',
  ScopeLogs: 'scope:1:Scope logRecords:2:LogRecord[] schemaUrl:3:string',
  LogRecord:
    'timeUnixNano:1:fixed64 severityNumber:2:enum severityText:3:string body:5:AnyValue attributes:6:KeyValue[] ' +
    'droppedAttributesCount:7:uint32 flags:8:fixed32 traceId:9:hex spanId:10:hex observedTimeUnixNano:11:fixed64 ' +
    'eventName:12:string',

  Resource: 'attributes:1:KeyValue[] droppedAttributesCount:2:uint32 entityRefs:3:EntityRef[]',
  EntityRef: 'schemaUrl:1:string type:2:string idKeys:3:string[] descriptionKeys:4:string[]',
  Scope: 'name:1:string version:2:string attributes:3:KeyValue[] droppedAttributesCount:4:uint32',
  KeyValue: 'key:1:string value:2:AnyValue',
  AnyValue:
    'stringValue:1:string boolValue:2:bool intValue:3:int64 doubleValue:4:double arrayValue:5:ArrayValue ' +
    'kvlistValue:6:KeyValueList bytesValue:7:base64',
  ArrayValue: 'values:1:AnyValue[]',
  KeyValueList: 'values:1:KeyValue[]',
} as const

export type MessageName = keyof typeof TABLE

const isMessage = (type: string): type is MessageName => type in TABLE
export const isScalar = (type: string): type is Scalar => SCALAR_TYPES.some((scalar) => scalar === type)

function parseField(text: string): Field {
  const [name = '', number = '', type = ''] = text.split(':')
  const bare = type.replace('[]', '')
  if (!isMessage(bare) && !isScalar(bare)) throw new Error(`schema names an unknown type: ${text}`)
  return { name, number: Number(number), type: bare, repeated: type.endsWith('[]') }
}

/** Fields of every message by descending number: the writer works backwards. */
export const SCHEMA: ReadonlyMap<string, readonly Field[]> = new Map(
  Object.entries(TABLE).map(([message, fields]) => [
    message,
    fields
      .split(' ')
      .map(parseField)
      .sort((a, b) => b.number - a.number),
  ]),
)
