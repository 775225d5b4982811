/** Layout of a record of PendingSpans, and the hash of its key. */

/** Words of one record: 64 bytes, a line of the cache. */
export const RECORD = 16

/** Integer fields of a record. */
export const Field = {
  key0: 0,
  key1: 1,
  parent: 2,
  firstChild: 3,
  next: 4,
  previous: 5,
  operation: 10,
  /** The lower half is the owner's to use, but for `KEYLESS`; the upper half belongs to the key. */
  flags: 11,
  edge: 12,
  /** String id of the peer's name, of a client span that waits for its server; until there is an edge. */
  peerName: 12,
  /** String id of the address of a client span. */
  address: 13,
  /** A float32, by `PendingSpans.floats`: how many spans this one stands for. */
  weight: 14,
  /** Number of the host that the span ran on, by HostClocks; 0 when nobody knows. */
  host: 15,
} as const
/** Flag of a record that is not in the index. */
export const KEYLESS = 0x8000
/** The part of `Field.flags` that is key. */
export const KEY_BITS = 0xffff0000 | 0

export const NONE = -1

export function hash(key0: number, key1: number): number {
  let h = Math.imul(key0, 0x9e3779b1) ^ Math.imul(key1, 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d)
  return h ^ (h >>> 13)
}
