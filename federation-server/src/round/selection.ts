import type { Rng } from '@adf/detectors'

/** A client that asked for work lately. */
export interface Present {
  readonly id: string
  /** Since when it has been, without a gap. */
  readonly sinceMs: number
  /** Its updates do not count, others are measured by them: it is always asked. */
  readonly trusted: boolean
}

export interface SelectionRule {
  readonly minClients: number
  readonly selection: { readonly fraction: number; readonly count?: number | undefined }
}

/**
 * The clients that a round asks: so large a share of those present, at random without replacement, at least `minClients` of them, and all that are
 * trusted. In the order of ids; which ones depends on the set of clients and the random numbers alone.
 */
export function select(
  present: readonly Present[],
  { minClients, selection: { fraction, count } }: SelectionRule,
  rng: Rng,
): string[] {
  const ids = present
    .filter(({ trusted }) => !trusted)
    .map(({ id }) => id)
    .sort()
  const share = Math.ceil(fraction * ids.length)
  const wanted = Math.min(ids.length, Math.max(minClients, Math.min(share, count ?? share)))
  // The first steps of a Fisher-Yates shuffle.
  for (let i = 0; i < wanted; i++) {
    const other = i + Math.floor(rng() * (ids.length - i))
    const id = ids[i]!
    ids[i] = ids[other]!
    ids[other] = id
  }
  const trusted = present.filter((each) => each.trusted).map(({ id }) => id)
  return [...ids.slice(0, wanted), ...trusted].sort()
}
