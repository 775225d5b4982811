import type { SecureParameters } from '@adf/contract/federation'
import type { Move, Round } from '../round.ts'
import type { RunSettings } from '../settings.ts'
import { nextPhases, type SecurePhase, type SecureStep } from './phases.ts'

/** Where a round of secure aggregation stands, as the database has it. */
export interface SecureSituation {
  readonly phase: SecurePhase
  readonly parameters: SecureParameters
  /** Of the phase; undefined in the first, which has the round's. */
  readonly deadlineMs: number | undefined
  /** Messages that are stored, by step. */
  readonly counts: Readonly<Record<SecureStep, number>>
  /** Clients whose masked input is stored, and that were revoked since: a sum cannot be had without them any more. */
  readonly revoked: number
}

/**
 * What happens next in a round of secure aggregation that is collecting: the next phase when all who can have sent their message, or, at the
 * deadline of the phase, when as many as the threshold have; else the round is abandoned.
 *
 * @param asked clients that were selected and are still enrolled
 */
export function decideSecurely(
  round: Round,
  secure: SecureSituation,
  asked: number,
  { masking, deadlineMs: roundMs, quorum }: Pick<RunSettings, 'masking' | 'deadlineMs' | 'quorum'>,
  nowMs: number,
): Move {
  const { phase, parameters, counts, revoked } = secure
  if (revoked > 0)
    return {
      kind: 'abandon',
      reason: 'a client was revoked whose masked update cannot be taken out of the sum',
    }
  const longestMs = phase === 'advertising' ? roundMs : masking.phaseMs
  // A clock that was set back must not hold a phase for longer than it may last.
  const deadlineMs = Math.min(secure.deadlineMs ?? round.deadlineMs ?? nowMs, nowMs + longestMs)
  const { threshold } = parameters
  const { step, there, all } = progress(phase, counts, Math.ceil(quorum * asked), threshold)
  const enough = there >= threshold
  const over = nowMs >= deadlineMs
  if (over && !enough)
    return {
      kind: 'abandon',
      reason: `${phase}: ${step} of ${there} clients came before the deadline, not of ${threshold}`,
    }
  if (!enough || (there < all && !over))
    return { kind: 'wait', untilMs: deadlineMs, reason: `${phase}: ${there} of ${all} are there`, updates: 1 }
  return phase === 'unmasking'
    ? { kind: 'close' }
    : { kind: nextPhases[phase].move, phaseDeadlineMs: nowMs + masking.phaseMs }
}

/** Messages of the phase that are there, and how many make it go on before its deadline. */
function progress(
  phase: SecurePhase,
  counts: SecureSituation['counts'],
  quorum: number,
  threshold: number,
): { step: string; there: number; all: number } {
  switch (phase) {
    case 'advertising':
      return { step: 'keys', there: counts.keys, all: quorum }
    case 'sharing':
      return { step: 'shares', there: counts.shares, all: counts.keys }
    case 'masking':
      return { step: 'masked updates', there: counts.input, all: counts.shares }
    case 'confirming':
      return { step: 'confirmations', there: counts.confirmation, all: counts.input }
    case 'unmasking':
      // Any that many lead to the same bits: there is nothing to wait for.
      return { step: 'answers', there: counts.answer, all: threshold }
  }
}
