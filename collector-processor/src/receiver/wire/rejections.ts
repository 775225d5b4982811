/** Why a single record was not taken; labels of a metric, so the list is closed. */
export type Reason =
  | 'invalid_trace_id'
  | 'invalid_span_id'
  | 'invalid_parent_id'
  | 'zero_time'
  | 'negative_duration'
  | 'not_finite'
  | 'invalid_buckets'
  | 'too_many_buckets'
  | 'too_many_records'
  | 'no_value'

/** Records of one request that were not taken, by reason. The request itself succeeds: OTLP's partial success. */
export class Rejections {
  total = 0
  readonly byReason = new Map<Reason, number>()

  add(reason: Reason): void {
    this.total++
    this.byReason.set(reason, (this.byReason.get(reason) ?? 0) + 1)
  }

  /** What the sender is told; '' when nothing was rejected. */
  message(): string {
    return [...this.byReason].map(([reason, count]) => `${count} ${TEXT[reason]}`).join('; ')
  }
}

const TEXT: Readonly<Record<Reason, string>> = {
  invalid_trace_id: 'with a trace id that is not 16 bytes or all zero',
  invalid_span_id: 'with a span id that is not 8 bytes or all zero',
  invalid_parent_id: 'with a parent span id that is neither empty nor 8 bytes',
  zero_time: 'without a time',
  negative_duration: 'that end before they start',
  not_finite: 'with a value that is NaN or infinite',
  invalid_buckets: 'with bucket counts that do not fit their bounds',
  too_many_buckets: 'past the limit of histogram buckets in one point or in one request',
  too_many_records: 'past the limit of records in one request',
  no_value: 'without a value',
}

/** Bounds on what one request can make of few bytes: an empty log record is two bytes on the wire and a row in memory. */
export const MAX_RECORDS = 2_000_000
export const MAX_BUCKETS = 4_000_000
/** SDKs send at most 160 on each side of zero. What a point holds is kept for as long as its series is followed. */
export const MAX_POINT_BUCKETS = 4096
/** Past these the request is no honest one and is malformed: each would make many objects of a few bytes. */
export const MAX_RESOURCES = 1_000_000
export const MAX_HEADERS = 100
export const MAX_ATTRIBUTES = 10_000
