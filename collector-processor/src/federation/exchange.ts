import { FederationError } from '@adf/federation'

/** A pause between two exchanges that leads nowhere, so that a server which answers at once is not asked without end. */
const SHORTEST_PAUSE_MS = 1000

/** How long to wait after an answer. @param askedMs how long the answer took @param busy whether there was anything to do */
export function pauseAfter(pollSeconds: number, askedMs: number, busy: boolean, longestMs: number): number {
  const asked = Math.min(longestMs, 1000 * pollSeconds)
  return busy || askedMs >= SHORTEST_PAUSE_MS ? asked : Math.max(asked, SHORTEST_PAUSE_MS)
}

/** How long to wait after a failure: what the server asked for, else up to the usual wait. @param random in [0, 1) */
export function pauseAfterFailure(error: unknown, longestMs: number, random: number): number {
  const asked = error instanceof FederationError ? (error.retryAfterMs ?? 0) : 0
  // Sites that lost the server together do not come back together.
  return Math.max(asked, longestMs * (0.5 + random / 2))
}

/** A label that has few values, whatever the server says. */
export function failureReason(error: unknown): 'unreachable' | 'refused' | 'other' {
  if (!(error instanceof FederationError)) return 'other'
  if (error.retryable) return 'unreachable'
  return error.status === undefined ? 'other' : 'refused'
}
