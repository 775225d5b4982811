import type { Move } from '../round/round.ts'

/** What is on the disk once it has been taken: the moves of rounds, and receipts. */
export type DurableStep = Exclude<Move['kind'], 'wait'> | 'receipt'

/**
 * Told before and after each durable step. A server needs none; it is where a test takes the process down, to see that nothing is lost or
 * done twice.
 */
export interface Steps {
  before(step: DurableStep): void
  after(step: DurableStep): void
}

export const noSteps: Steps = { before() {}, after() {} }
