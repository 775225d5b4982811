import type { Freeze } from '../store/tuner-store.ts'
import type { Place } from './roster.ts'

/** The freeze that an entity is under, of its own, its stream's or of everything. */
export const freezeOf = (
  freezes: readonly Freeze[],
  { stream, entityId }: Pick<Place, 'stream' | 'entityId'>,
): Freeze | undefined =>
  freezes.find(
    (freeze) =>
      freeze.stream === undefined ||
      (freeze.stream === stream && (freeze.entityId === undefined || freeze.entityId === entityId)),
  )
