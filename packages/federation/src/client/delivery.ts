import { createHash } from 'node:crypto'
import type { Receipt } from '@adf/contract/federation'
import { compressOwing } from '@adf/detectors/update'
import type { ClientState, PendingUpdate, RunMemory } from '../state/client-state.ts'
import { FederationError } from './federation-error.ts'
import type { Protocol } from './protocol.ts'
import type { Credentials } from './transport.ts'

/** What a site has learned in a round. */
export interface LocalUpdate {
  readonly round: number
  /** Version of the global weights that it began with. */
  readonly base: number
  /** Local weights less global ones. */
  readonly values: Float32Array
  /** Vectors that it was trained on. */
  readonly samples: number
  /** Of the global weights on data held out: mean square error in standard deviations. */
  readonly loss?: number | undefined
  /** Quantisation step, in root mean squares of a block. */
  readonly step: number
}

/** Hands updates to the server, each once: what was not acknowledged is kept, and sent again as it was. */
export class Delivery {
  readonly #protocol: Protocol
  readonly #state: ClientState

  constructor(protocol: Protocol, state: ClientState) {
    this.#protocol = protocol
    this.#state = state
  }

  /** Compresses an update, together with what earlier ones left out, and keeps it as waiting. Nothing is sent yet. @throws UpdateError */
  async prepare(run: string, memory: RunMemory, update: LocalUpdate): Promise<RunMemory> {
    const { round, base, samples, loss, step, values } = update
    const { bytes, residual } = compressOwing(values, memory.residual, step)
    const next = { ...memory, pending: { round, base, samples, loss, bytes, residual } }
    await this.#state.saveRun(run, next)
    return next
  }

  /**
   * Sends what waits. Once it is acknowledged, or refused for good, nothing waits any more. Of what was refused nothing is owed: the next
   * update begins with newer weights, and would carry it over as a stale one.
   *
   * @param remember told of the new memory; undefined after `unknown_base`: begin afresh
   * @throws FederationError of what refused it
   */
  async send(
    run: string,
    memory: RunMemory,
    pending: PendingUpdate,
    remember: (next: RunMemory | undefined) => Promise<void>,
    as: Credentials,
    signal?: AbortSignal,
  ): Promise<Receipt> {
    let receipt: Receipt
    try {
      receipt = await this.#protocol.submit(run, pending, as, signal)
      checkReceipt(receipt, run, pending)
    } catch (error) {
      if (refusesUpdate(error))
        await remember(error.code === 'unknown_base' ? undefined : { ...memory, pending: undefined })
      throw error
    }
    await remember({ ...memory, residual: pending.residual, pending: undefined })
    return receipt
  }
}

/** The server refused the update itself: not the client, and not for now. It does not wait any more then. */
export const refusesUpdate = (error: unknown): error is FederationError =>
  error instanceof FederationError &&
  !error.retryable &&
  error.status !== undefined &&
  error.status >= 400 &&
  error.status !== 401 &&
  error.status !== 403

function checkReceipt({ run, hash }: Receipt, expected: string, { bytes }: PendingUpdate): void {
  if (run === expected && hash === createHash('sha256').update(bytes).digest('hex')) return
  const detail = `a receipt for another update than that of ${expected}`
  throw new FederationError({ code: 'bad_answer', detail, retryable: true })
}
