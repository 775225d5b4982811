import type { Evidence, GraphChange, Incident, RootCause } from '@adf/contract'

/**
 * What an incident comes down to. cause: one service stands out; unclear: several leads, or likelier none of them; unranked: there was no
 * time yet.
 */
export type Conclusion =
  | { readonly kind: 'cause'; readonly cause: RootCause; readonly evidence: Evidence | undefined }
  | { readonly kind: 'unclear'; readonly leads: readonly RootCause[] }
  | { readonly kind: 'unranked' }

const STANDS_OUT = 0.5
const LEADS = 3

export function conclusionOf({ causes, none }: Pick<Incident, 'causes' | 'none'>): Conclusion {
  const [first] = causes
  if (first === undefined) return none === null ? { kind: 'unranked' } : { kind: 'unclear', leads: [] }
  if (first.probability >= STANDS_OUT && first.probability > (none ?? 0))
    return { kind: 'cause', cause: first, evidence: first.evidence[0] }
  return { kind: 'unclear', leads: causes.slice(0, LEADS) }
}

/** Evidence in the first sentence of a page: without the example, which stands below. */
export const brieflyOf = ({ text }: Pick<Evidence, 'text'>): string => text.replace(/; for example: .*$/s, '')

/** Deployments of a service that came shortly before the trouble, or with it. */
export const deploymentsBefore = (
  changes: readonly GraphChange[],
  service: string,
  startedAt: string,
): readonly GraphChange[] => {
  const start = Date.parse(startedAt)
  return changes.filter((change) => {
    const at = Date.parse(change.at)
    return change.service === service && at >= start - HOUR_MS && at <= start + MINUTE_MS
  })
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
