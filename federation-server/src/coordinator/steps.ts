import type { Move } from '../round/round.ts'
import type { SecureStep } from '../round/secure/phases.ts'

/** What is on the disk once it has been taken: the moves of rounds, receipts, and messages of secure aggregation. */
export type DurableStep = Exclude<Move['kind'], 'wait'> | 'receipt' | `${SecureStep}_receipt`

/**
 * Told before and after each durable step. A server needs none; it is where a test takes the process down, to see that nothing is lost or
 * done twice.
 */
export interface Steps {
  before(step: DurableStep): void
  after(step: DurableStep): void
}

export const noSteps: Steps = { before() {}, after() {} }
