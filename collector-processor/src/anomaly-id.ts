import { createHash } from 'node:crypto'
import { v7 } from 'uuid'
import type { FeatureVector } from './scoring/vector.ts'

/**
 * UUIDv7 of an anomaly by what it is of: found again, after a crash, it is the one that is stored already. Its time is that of the window, and
 * for an event, whose own time may be any, that at which it came into its log.
 */
export function anomalyIdOf({ stream, entity, timeMs, origin }: FeatureVector): string {
  const place = origin === undefined ? [] : [origin.source, origin.offset, origin.index]
  const hash = createHash('sha256').update(JSON.stringify([stream.name, entity.id, timeMs, ...place]))
  const random = hash.digest()
  return v7({
    msecs: Math.max(0, Math.floor(origin?.atMs ?? timeMs)),
    seq: random.readUInt32BE(16),
    random: random.subarray(0, 16),
  })
}
