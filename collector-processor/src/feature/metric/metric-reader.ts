import { type MetricBatch, MetricKind } from '../../telemetry/batch.ts'
import { INSTRUMENTS, milliseconds, type Role } from './instruments.ts'
import type { SeriesKey } from './metric-state.ts'
import type { Point } from './point.ts'

/** Attribute set that stands for many (telemetry/attributes.ts). */
const OVERFLOW_SET = 1
const CUMULATIVE = 2
const DELTA = 1
/** Room for the ids of attribute sets within a key; ids are bounded by receiver.max_strings. */
const SETS = 2 ** 26

type Instrument = {
  readonly name: string
  readonly roles: Map<number, Role | null>
  readonly known: Map<number, Known>
} | null

/** What the points of one attribute set, temporality and kind have in common. */
interface Known {
  readonly unit: number
  readonly series: SeriesKey
  readonly dialect: string
}
/** Values of temporality and of kind. */
const TEMPORALITY = 4
const KIND = 8
/** Of one name; what comes after them is worked out each time. */
const MOST_KNOWN = 2 ** 16

/** A row that feeds a feature, or why it cannot; undefined: no feature is made of it. */
export type Row =
  | { readonly series: SeriesKey; readonly point: Point; readonly dialect: string }
  | 'unusable_kind'
  | 'attribute_limit'
  | undefined

/** Reads rows of metric batches. What a name and an attribute set mean is worked out once and kept. */
export class MetricReader {
  readonly #instruments: Instrument[] = []

  read(batch: MetricBatch, row: number): Row {
    const nameId = batch.name[row]!
    const instrument = this.#instruments[nameId] ?? this.#instrument(batch, nameId)
    if (instrument === null) return undefined
    const set = batch.attributeSets[batch.attributes[row]!]!
    if (set.id === OVERFLOW_SET) return 'attribute_limit'
    let role = instrument.roles.get(set.id)
    if (role === undefined) {
      role = INSTRUMENTS.get(instrument.name)?.(set.values) ?? null
      instrument.roles.set(set.id, role)
    }
    if (role === null) return undefined
    if (!usable(batch, row, role)) return 'unusable_kind'
    const { series, dialect } = knownOf(batch, row, nameId, instrument, role)
    return { series, point: point(batch, row), dialect }
  }

  #instrument(batch: MetricBatch, nameId: number): Instrument {
    const name = batch.strings.get(nameId)
    const instrument = INSTRUMENTS.has(name) ? { name, roles: new Map(), known: new Map() } : null
    this.#instruments[nameId] = instrument
    return instrument
  }
}

function knownOf(
  batch: MetricBatch,
  row: number,
  nameId: number,
  { name, known }: NonNullable<Instrument>,
  role: Role,
): Known {
  const set = batch.attributes[row]!
  const temporality = batch.temporality[row]!
  const kind = batch.kind[row]!
  const unitId = batch.unit[row]!
  const key = (set * TEMPORALITY + temporality) * KIND + kind
  const found = known.get(key)
  if (found?.unit === unitId) return found
  const isHttp = role.quantity === 'http' || role.quantity === 'http_old'
  const unit = batch.strings.get(unitId)
  const made = {
    unit: unitId,
    series: {
      key: (nameId * TEMPORALITY + temporality) * SETS + set,
      name: nameId,
      role,
      scale: isHttp ? milliseconds(unit, name) : 1,
    },
    dialect: dialect(name, role, isHttp ? unit : '', kind, temporality),
  }
  if (known.size < MOST_KNOWN) known.set(key, made)
  return made
}

function usable(batch: MetricBatch, row: number, role: Role): boolean {
  const kind = batch.kind[row]!
  const temporality = batch.temporality[row]!
  const aggregated = temporality === DELTA || temporality === CUMULATIVE
  const histogram = kind === MetricKind.histogram || kind === MetricKind.exponentialHistogram
  if (role.quantity === 'http' || role.quantity === 'http_old') return histogram && aggregated
  if (role.level) return kind === MetricKind.gauge || (kind === MetricKind.sum && temporality !== DELTA)
  return kind === MetricKind.sum && aggregated
}

function point(batch: MetricBatch, row: number): Point {
  const kind = batch.kind[row]!
  const from = batch.bucketStart[row]!
  const length = batch.bucketLength[row]!
  const counts = () => batch.bucketCounts.subarray(from, from + length)
  const stale = batch.stale[row] === 1
  const histogram = kind === MetricKind.histogram || kind === MetricKind.exponentialHistogram
  return {
    startMs: batch.startMs[row]!,
    timeMs: batch.timeMs[row]!,
    cumulative: batch.temporality[row] === CUMULATIVE,
    stale,
    value: histogram ? batch.count[row]! : batch.value[row]!,
    explicit:
      kind === MetricKind.histogram && !stale
        ? { bounds: batch.bounds.subarray(from, from + Math.max(0, length - 1)), counts: counts() }
        : undefined,
    exponential:
      kind === MetricKind.exponentialHistogram && !stale
        ? {
            scale: batch.scale[row]!,
            zero: batch.zeroCount[row]!,
            offset: batch.offset[row]!,
            counts: counts(),
          }
        : undefined,
  }
}

const KINDS = ['', 'gauge', 'sum', 'histogram', 'exponential histogram', 'summary']
const TEMPORALITIES = ['', 'delta', 'cumulative']

function dialect(name: string, role: Role, unit: string, kind: number, temporality: number): string {
  const parts = [name]
  if (role.dialect !== '' && role.dialect !== name) parts.push(`by ${role.dialect}`)
  if (unit !== '') parts.push(`in ${unit.slice(0, 8)}`)
  if (kind !== MetricKind.gauge && TEMPORALITIES[temporality]) parts.push(TEMPORALITIES[temporality]!)
  parts.push(KINDS[kind] ?? '')
  return parts.join(' ')
}
