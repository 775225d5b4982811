import type { MetricColumns } from '../../telemetry/columns.ts'
import type { Cursor } from '../../telemetry/protobuf/cursor.ts'
import { MAX_BUCKETS, MAX_POINT_BUCKETS } from './rejections.ts'

const WORD = 2 ** 32

/** Where the values of one point are in a bucket column. */
export interface Packed {
  readonly start: number
  length: number
}

/**
 * Appends repeated fixed64 (counts) or double (bounds), packed or one by one. Past MAX_BUCKETS and MAX_POINT_BUCKETS values are
 * counted but not kept; the point is rejected then.
 */
export function appendPacked64(
  cursor: Cursor,
  tag: number,
  columns: MetricColumns,
  column: 'bucketCounts' | 'bounds',
  packed: Packed,
): void {
  const bytes = (tag & 7) === 2 ? cursor.length() : 8
  if (bytes % 8 !== 0) cursor.fail('packed 64-bit values are cut off')
  const count = bytes / 8
  const at = cursor.run64(count)
  const from = packed.start + packed.length
  packed.length += count
  if (from + count > MAX_BUCKETS || packed.length > MAX_POINT_BUCKETS) return
  // One beyond, for the bound of the last bucket.
  columns.reserveBuckets(from + count + 1)
  const { view } = cursor
  const into = columns[column]
  if (column === 'bounds') for (let i = 0; i < count; i++) into[from + i] = view.getFloat64(at + 8 * i, true)
  else
    for (let i = 0; i < count; i++)
      into[from + i] = view.getUint32(at + 8 * i + 4, true) * WORD + view.getUint32(at + 8 * i, true)
}

/** How many repeated uint64 varints there are here, packed or one; they are stepped over. */
export function countCounts(cursor: Cursor, tag: number): number {
  if ((tag & 7) !== 2) {
    cursor.varint()
    return 1
  }
  let count = 0
  const outer = cursor.enter()
  for (; cursor.pos < cursor.end; count++) cursor.varint()
  cursor.leave(outer)
  return count
}

/** Appends repeated uint64 varints, packed or one by one. */
export function appendCounts(cursor: Cursor, tag: number, columns: MetricColumns, packed: Packed): void {
  if ((tag & 7) !== 2) {
    append(columns, packed, cursor.varint())
    return
  }
  const outer = cursor.enter()
  while (cursor.pos < cursor.end) append(columns, packed, cursor.varint())
  cursor.leave(outer)
}

function append(columns: MetricColumns, packed: Packed, value: number): void {
  const at = packed.start + packed.length++
  if (at >= MAX_BUCKETS || packed.length > MAX_POINT_BUCKETS) return
  // One beyond, for the bound of the last bucket.
  columns.reserveBuckets(at + 2)
  columns.bucketCounts[at] = value
}
