import {
  Enrolment,
  type EnrolmentRequest,
  federationRoutes,
  type KeyRotation,
  Receipt,
  RunModel,
  SecureRoundState,
  Work,
  WorkRequest,
} from '@adf/contract/federation'
import type { z } from 'zod'
import type { PendingUpdate } from '../state/client-state.ts'
import { jsonOf } from './answer.ts'
import type { Credentials, Transport } from './transport.ts'

/** Of answers in JSON: names and numbers of at most 64 runs, or the features of one. */
const JSON_LIMIT = 2 ** 20
const NO_CONTENT = 0

/** Of an update frame: header, scales and what the codec may write, or the values as they are (docs/formats/update.md). */
const frameLimit = (count: number): number => 16 + 4 * count + 4096

/** The requests of the protocol, one function each, as the contract declares them. */
export class Protocol {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  async enrol(request: EnrolmentRequest, as: Credentials): Promise<Enrolment> {
    const call = {
      method: 'POST',
      path: federationRoutes.enrol.path,
      body: json(request),
      limit: JSON_LIMIT,
    } as const
    return jsonOf(await this.#transport.send(call, as), Enrolment)
  }

  async rotateKey(id: string, rotation: KeyRotation, as: Credentials): Promise<void> {
    const path = filled(federationRoutes.rotateKey.path, { id })
    await this.#transport.send({ method: 'PUT', path, body: json(rotation), limit: NO_CONTENT }, as)
  }

  async work(request: z.input<typeof WorkRequest>, as: Credentials, signal?: AbortSignal): Promise<Work> {
    const body = WorkRequest.parse(request)
    const call = {
      method: 'POST',
      path: federationRoutes.pollWork.path,
      body: json(body),
      limit: JSON_LIMIT,
      waitMs: 1000 * body.wait_seconds,
      signal,
    } as const
    return jsonOf(await this.#transport.send(call, as), Work)
  }

  async runModel(run: string, as: Credentials, signal?: AbortSignal): Promise<RunModel> {
    const path = filled(federationRoutes.getRunModel.path, { run })
    return jsonOf(
      await this.#transport.send({ method: 'GET', path, limit: JSON_LIMIT, signal }, as),
      RunModel,
    )
  }

  /** @param count weights of the run's model */
  delta(at: RunVersion, count: number, as: Credentials, signal?: AbortSignal): Promise<Uint8Array> {
    return this.#frame(filled(federationRoutes.getDelta.path, at), count, as, signal)
  }

  dense(at: RunVersion, count: number, as: Credentials, signal?: AbortSignal): Promise<Uint8Array> {
    return this.#frame(filled(federationRoutes.getVersion.path, at), count, as, signal)
  }

  async submit(run: string, update: PendingUpdate, as: Credentials, signal?: AbortSignal): Promise<Receipt> {
    const { round, base, samples, loss, bytes } = update
    const route = federationRoutes.submitUpdate
    const call = {
      method: 'POST',
      path: filled(route.path, { run, round }),
      query: { base, samples, loss },
      body: { type: route.body.types[0], bytes },
      limit: JSON_LIMIT,
      signal,
    } as const
    return jsonOf(await this.#transport.send(call, as), Receipt)
  }

  async secureRound(
    run: string,
    round: number,
    { after, wait_seconds }: { after: string | undefined; wait_seconds: number },
    as: Credentials,
    signal?: AbortSignal,
  ): Promise<SecureRoundState> {
    const call = {
      method: 'GET',
      path: filled(federationRoutes.getSecureRound.path, { run, round }),
      query: { wait_seconds, after },
      limit: JSON_LIMIT,
      waitMs: 1000 * wait_seconds,
      signal,
    } as const
    return jsonOf(await this.#transport.send(call, as), SecureRoundState)
  }

  async sendSecure(
    run: string,
    round: number,
    step: SecureStepName,
    message: object | Uint8Array,
    as: Credentials,
    signal?: AbortSignal,
  ): Promise<void> {
    const { path, body } = federationRoutes[SECURE_STEPS[step]]
    const call = {
      method: 'PUT',
      path: filled(path, { run, round }),
      body: message instanceof Uint8Array ? { type: body.types[0], bytes: message } : json(message),
      limit: NO_CONTENT,
      signal,
    } as const
    await this.#transport.send(call, as)
  }

  async #frame(path: string, count: number, as: Credentials, signal?: AbortSignal): Promise<Uint8Array> {
    const call = { method: 'GET', path, limit: frameLimit(count), signal } as const
    return (await this.#transport.send(call, as)).body
  }
}

const SECURE_STEPS = {
  keys: 'sendSecureKeys',
  shares: 'sendSecureShares',
  input: 'sendMaskedInput',
  confirmation: 'confirmSurvivors',
  answer: 'sendSecureAnswer',
} as const

/** What a client sends in secure aggregation. */
export type SecureStepName = keyof typeof SECURE_STEPS

/** A version of a run's global weights. */
export type RunVersion = { readonly run: string; readonly version: number }

const json = (value: unknown) => ({ type: 'application/json', bytes: Buffer.from(JSON.stringify(value)) })

const filled = (path: string, values: Readonly<Record<string, string | number>>): string =>
  path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(String(values[name])))
