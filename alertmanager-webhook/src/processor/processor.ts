import { readFile } from 'node:fs/promises'
import {
  type Anomaly,
  type EntityPage,
  type Incident,
  routes,
  type ScoreHistory,
  type SloReport,
  type Threshold,
  type ThresholdHistory,
  type ThresholdPage,
  type ThresholdRequest,
  type Verdict,
  type VerdictLog,
  type VerdictRequest,
} from '@adf/contract'
import { Agent } from 'undici'
import type { z } from 'zod'
import { type CallOptions, call } from './call.ts'
import { ProcessorError } from './processor-error.ts'

export interface ProcessorOptions {
  readonly url: string
  readonly token?: string | undefined
  /** Read for each call: it may be replaced. */
  readonly tokenFile?: string | undefined
  readonly timeoutMs: number
  readonly tls?:
    | { readonly ca?: string | Buffer; readonly cert?: string | Buffer; readonly key?: string | Buffer }
    | undefined
}

/** How a processor was when it was last asked. */
export interface Reachability {
  readonly reachable: boolean
  readonly error: string | null
}

type Signal = AbortSignal | undefined
type Query = Readonly<Record<string, string | number | undefined>>

/** The API of one processor, as far as verdicts and thresholds need it. Every call is one attempt and rejects with a ProcessorError. */
export class Processor {
  readonly url: string
  readonly #options: CallOptions
  #last: Reachability = { reachable: false, error: 'not asked yet' }

  constructor({ url, token, tokenFile, timeoutMs, tls }: ProcessorOptions) {
    this.url = url.replace(/\/+$/, '')
    this.#options = {
      url: this.url,
      token: async () => (tokenFile === undefined ? token : (await readToken(tokenFile)).trim()),
      dispatcher: new Agent({ connections: 4, ...(tls && { connect: tls }) }),
      timeoutMs,
    }
  }

  get reachability(): Reachability {
    return this.#last
  }

  giveVerdict(body: z.input<typeof VerdictRequest>, signal?: Signal): Promise<Verdict> {
    return this.#noted(call(this.#options, routes.giveFeedback, { body, signal }))
  }

  async withdrawVerdict(id: string, signal?: Signal): Promise<void> {
    await this.#noted(call(this.#options, routes.withdrawFeedback, { params: { id }, signal }))
  }

  verdicts(query: { after: number; limit: number }, signal?: Signal): Promise<VerdictLog> {
    return this.#noted(call(this.#options, routes.listVerdicts, { query, signal }))
  }

  incident(id: string, signal?: Signal): Promise<Incident> {
    return this.#noted(call(this.#options, routes.getIncident, { params: { id }, signal }))
  }

  anomaly(id: string, signal?: Signal): Promise<Anomaly> {
    return this.#noted(call(this.#options, routes.getAnomaly, { params: { id }, signal }))
  }

  entities(query: Query, signal?: Signal): Promise<EntityPage> {
    return this.#noted(call(this.#options, routes.listEntities, { query, signal }))
  }

  scores(
    query: { stream: string; entity: string; from: string; to?: string },
    signal?: Signal,
  ): Promise<ScoreHistory> {
    return this.#noted(call(this.#options, routes.getScores, { query, signal }))
  }

  thresholds(query: Query, signal?: Signal): Promise<ThresholdPage> {
    return this.#noted(call(this.#options, routes.listThresholds, { query, signal }))
  }

  thresholdHistory(query: Query, signal?: Signal): Promise<ThresholdHistory> {
    return this.#noted(call(this.#options, routes.listThresholdHistory, { query, signal }))
  }

  setThreshold(body: z.input<typeof ThresholdRequest>, signal?: Signal): Promise<Threshold | null> {
    return this.#noted(call(this.#options, routes.setThreshold, { body, signal }))
  }

  slo(signal?: Signal): Promise<SloReport> {
    return this.#noted(call(this.#options, routes.getSlo, { signal }))
  }

  async close(): Promise<void> {
    await this.#options.dispatcher.destroy()
  }

  async #noted<T>(answer: Promise<T>): Promise<T> {
    try {
      const value = await answer
      this.#last = { reachable: true, error: null }
      return value
    } catch (error) {
      // A plain no, such as 404 or 409, comes from a processor that works.
      if (error instanceof ProcessorError)
        this.#last = error.retryable
          ? { reachable: error.status !== undefined, error: error.message }
          : { reachable: true, error: null }
      throw error
    }
  }
}

async function readToken(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ProcessorError('unreachable', `token_file ${file} cannot be read: ${reason}`, { cause })
  }
}
