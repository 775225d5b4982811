import { setTimeout } from 'node:timers/promises'
import { EventsAnswer } from '@adf/contract'
import type { SimulatedEvent } from './events.ts'

export interface SendOptions {
  /** Base address of the API. */
  readonly url: string
  readonly stream: string
  readonly token?: string
  readonly ratePerSecond: number
  readonly signal?: AbortSignal
  /** Called after each request. */
  readonly onProgress?: (sent: number) => void
}

export interface Sent {
  readonly sent: number
  readonly accepted: number
  readonly rejected: number
  /** Requests that were sent again because the server had no room. */
  readonly retries: number
  /** At most the first 20 reasons for a rejection. */
  readonly errors: readonly string[]
}

/** The server does not want these events: what it said. */
export class Refused extends Error {
  override readonly name = 'Refused'
}

const TICK_MS = 100
const MAX_BATCH = 1000
const MAX_ATTEMPTS = 10
const MAX_REASONS = 20

/**
 * Sends the events at the rate, in requests of what is due each tenth of a second. 503 and a connection that fails are tried again,
 * after Retry-After where there is one. Throws Refused on any other answer, and when the server stays away.
 */
export async function sendEvents(events: Iterable<SimulatedEvent>, options: SendOptions): Promise<Sent> {
  const perRequest = Math.max(1, Math.min(MAX_BATCH, Math.round((options.ratePerSecond * TICK_MS) / 1000)))
  const started = performance.now()
  const total = { sent: 0, accepted: 0, rejected: 0, retries: 0 }
  const errors: string[] = []
  let batch: SimulatedEvent['event'][] = []

  const flush = async () => {
    if (batch.length === 0) return
    const due = started + (total.sent * 1000) / options.ratePerSecond - performance.now()
    if (due > 0) await setTimeout(due, undefined, options.signal ? { signal: options.signal } : {})
    const { answer, retries } = await post(batch, options)
    total.sent += batch.length
    total.accepted += answer.accepted
    total.rejected += answer.rejected
    total.retries += retries
    for (const { message } of answer.errors) if (errors.length < MAX_REASONS) errors.push(message)
    batch = []
    options.onProgress?.(total.sent)
  }

  for (const { event } of events) {
    batch.push(event)
    if (batch.length >= perRequest) await flush()
  }
  await flush()
  return { ...total, errors }
}

async function post(
  batch: readonly SimulatedEvent['event'][],
  { url, stream, token, signal }: SendOptions,
): Promise<{ answer: EventsAnswer; retries: number }> {
  const target = `${url.replace(/\/$/, '')}/api/events/${stream}`
  const wait = (ms: number) => setTimeout(ms, undefined, signal ? { signal } : {})
  let last = ''
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    let response: Response
    try {
      response = await fetch(target, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
        body: JSON.stringify(batch),
        ...(signal && { signal }),
      })
    } catch (error) {
      signal?.throwIfAborted()
      last = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
      await wait(Math.min(2000, 100 * 2 ** attempt))
      continue
    }
    if (response.status === 503) {
      last = 'it answered 503'
      await response.body?.cancel()
      await wait(retryAfterMs(response.headers.get('retry-after')) ?? Math.min(2000, 100 * 2 ** attempt))
      continue
    }
    if (!response.ok) {
      throw new Refused(`${target} answered ${response.status}: ${(await response.text()).slice(0, 1000)}`)
    }
    return { answer: EventsAnswer.parse(await response.json()), retries: attempt }
  }
  throw new Refused(`${target} took nothing in ${MAX_ATTEMPTS} attempts: ${last}`)
}

const MAX_WAIT_MS = 30_000

function retryAfterMs(header: string | null): number | undefined {
  const seconds = header === null ? Number.NaN : Number(header)
  return seconds >= 0 ? Math.min(MAX_WAIT_MS, seconds * 1000) : undefined
}
