import type { AttributeSet } from './batch.ts'
import { ByteDictionary } from './byte-dictionary.ts'

/** Attributes as text: numbers and booleans in their JSON form. */
export type Attributes = Readonly<Record<string, string | number | boolean>>

/**
 * Attribute sets of data points. Set 0 is empty; set 1 stands for all that came after the bound was reached and carries
 * `otel.metric.overflow`, as the OpenTelemetry SDKs do at their cardinality limit: its points belong to many series.
 */
export interface AttributeSetTable {
  readonly sets: readonly AttributeSet[]
  readonly overflowed: number
  /** Set of encoded attributes; `decode` is called only for bytes that are not known. */
  internBytes(
    bytes: Uint8Array,
    start: number,
    end: number,
    decode: () => ReadonlyMap<string, string>,
  ): AttributeSet
  intern(values: ReadonlyMap<string, string>): AttributeSet
}

const OVERFLOW_ATTRIBUTE = 'otel.metric.overflow'
const MEAN_BYTES = 512

export function createAttributeSetTable(limit: number, seed: number): AttributeSetTable {
  return new SetTable(limit, seed)
}

class SetTable implements AttributeSetTable {
  readonly sets: AttributeSet[] = [
    { id: 0, values: new Map() },
    { id: 1, values: new Map([[OVERFLOW_ATTRIBUTE, 'true']]) },
  ]
  overflowed = 0
  private readonly limit: number
  private readonly encodings: ByteDictionary
  private readonly byEncoding: AttributeSet[] = []
  private readonly byContent = new Map<string, AttributeSet>()

  constructor(limit: number, seed: number) {
    this.limit = limit
    this.encodings = new ByteDictionary({ limit: limit * 2, maxBytes: limit * MEAN_BYTES, seed })
    for (const set of this.sets) this.byContent.set(contentKey(set.values), set)
  }

  internBytes(
    bytes: Uint8Array,
    start: number,
    end: number,
    decode: () => ReadonlyMap<string, string>,
  ): AttributeSet {
    if (start === end) return this.sets[0]!
    const known = this.encodings.find(bytes, start, end)
    if (known >= 0) return this.byEncoding[known]!
    const set = this.intern(decode())
    // Overflow is not remembered by encoding: room is for sets that are kept.
    if (set.id !== 1 && this.encodings.add(bytes, start, end) >= 0) this.byEncoding.push(set)
    return set
  }

  intern(values: ReadonlyMap<string, string>): AttributeSet {
    const key = contentKey(values)
    const known = this.byContent.get(key)
    if (known !== undefined) return known
    if (this.sets.length >= this.limit + 2 || key.length > MEAN_BYTES * 16) {
      this.overflowed++
      return this.sets[1]!
    }
    const set = { id: this.sets.length, values: new Map(values) }
    this.sets.push(set)
    this.byContent.set(key, set)
    return set
  }
}

/** Equal for equal attributes in any order. */
export function contentKey(values: ReadonlyMap<string, string>): string {
  return JSON.stringify([...values].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
}

export function attributeMap(attributes: Attributes): Map<string, string> {
  return new Map(Object.entries(attributes).map(([key, value]) => [key, String(value)]))
}
