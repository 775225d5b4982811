import type { FederatedModel, RunWork } from '@adf/contract/federation'
import { applyDelta, decodeUpdate, UpdateError } from '@adf/detectors/update'
import { firstWeights, modelSize } from '../model/federated-model.ts'
import { weightsHash } from '../model/weight-bytes.ts'
import type { RunMemory } from '../state/client-state.ts'
import { FederationError } from './federation-error.ts'
import type { Protocol } from './protocol.ts'
import type { Credentials } from './transport.ts'

/** Where the global weights of a run are now. */
export type Latest = Pick<RunWork, 'run' | 'version' | 'hash'>

/** A delta takes about two bits for each weight, dense ones 32: from here on dense is less. */
const LONGEST_CHAIN = 16

/** Brings what is held to the latest global weights, by the least bytes, and makes sure that they are what the server has. */
export class GlobalWeights {
  readonly #protocol: Protocol

  constructor(protocol: Protocol) {
    this.#protocol = protocol
  }

  /**
   * @param held undefined: nothing; then it begins with version 0, which follows from the seed
   * @returns what to remember; `held` itself when that is the latest. After a resync nothing is owed and nothing waits.
   * @throws FederationError `wrong_weights` when even the dense ones are not what the server says
   */
  async latest(
    model: FederatedModel,
    held: RunMemory | undefined,
    target: Latest,
    as: Credentials,
    signal?: AbortSignal,
  ): Promise<RunMemory> {
    const { version, hash } = target
    if (held?.version === version && weightsHash(held.weights) === hash) return held
    const begin = held !== undefined && held.version < version ? held : fresh(model)
    const weights = await this.#alongDeltas(begin, target, as, signal)
    if (weights !== undefined) return { ...begin, version, weights }
    return { ...fresh(model), version, weights: await this.#dense(model, target, as, signal) }
  }

  /** @throws FederationError `bad_answer` for one that no client can train */
  async model(run: string, as: Credentials, signal?: AbortSignal): Promise<FederatedModel> {
    const { model } = await this.#protocol.runModel(run, as, signal)
    try {
      modelSize(model)
    } catch (cause) {
      const detail = `model of ${run}: ${cause instanceof Error ? cause.message : String(cause)}`
      throw new FederationError({ code: 'bad_answer', detail, cause })
    }
    return model
  }

  /** Undefined: there is no such way from here, or it leads elsewhere. */
  async #alongDeltas(
    begin: RunMemory,
    { run, version, hash }: Latest,
    as: Credentials,
    signal?: AbortSignal,
  ): Promise<Float32Array | undefined> {
    if (version - begin.version > LONGEST_CHAIN) return undefined
    let { weights } = begin
    try {
      for (let next = begin.version + 1; next <= version; next++) {
        const frame = await this.#protocol.delta({ run, version: next }, weights.length, as, signal)
        weights = applyDelta(weights, frame)
      }
    } catch (error) {
      if (error instanceof UpdateError || isGone(error)) return undefined
      throw error
    }
    return weightsHash(weights) === hash ? weights : undefined
  }

  async #dense(
    model: FederatedModel,
    { run, version, hash }: Latest,
    as: Credentials,
    signal?: AbortSignal,
  ): Promise<Float32Array> {
    const weights =
      version === 0 ? firstWeights(model) : await this.#frame(model, { run, version }, as, signal)
    if (weightsHash(weights) === hash) return weights
    const detail = `version ${version} of ${run} is not what the server says it is`
    throw new FederationError({ code: 'wrong_weights', detail, retryable: true })
  }

  async #frame(
    model: FederatedModel,
    at: Omit<Latest, 'hash'>,
    as: Credentials,
    signal?: AbortSignal,
  ): Promise<Float32Array> {
    const count = modelSize(model)
    const frame = await this.#protocol.dense(at, count, as, signal)
    try {
      return decodeUpdate(frame, count)
    } catch (cause) {
      if (!(cause instanceof UpdateError)) throw cause
      const detail = `version ${at.version} of ${at.run}: ${cause.message}`
      throw new FederationError({ code: 'bad_answer', detail, cause })
    }
  }
}

const isGone = (error: unknown): boolean => error instanceof FederationError && error.status === 404

function fresh(model: FederatedModel): RunMemory {
  const weights = firstWeights(model)
  const residual = new Float32Array(weights.length)
  return { model, version: 0, weights, residual, pending: undefined }
}
