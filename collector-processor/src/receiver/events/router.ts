import type { EventsAnswer } from '@adf/contract'
import { type ErrorCode, ProblemError } from '@adf/service'
import { type Request, type RequestHandler, type Response, Router } from 'express'
import { Counter, type Registry } from 'prom-client'
import type { EventFields, EventOutcome } from '../../feature/event-stream.ts'
import type { FeatureExtractor } from '../../feature/extractor.ts'
import type { Origin } from '../../scoring/vector.ts'
import type { Clock } from '../../telemetry/clock.ts'
import type { Admission } from '../admission.ts'
import { Assembly } from '../assembly.ts'
import { readRequest } from '../http/read.ts'
import type { Received } from '../intake.ts'
import { Refusal, type RefusalKind } from '../refusal.ts'
import { parseEvents, UNPARSABLE } from './parse.ts'

/** What takes the events: the feature extractor. */
export type EventSink = Pick<FeatureExtractor, 'event' | 'streams'>

export interface EventsRouterOptions {
  readonly sink: EventSink
  /** Called once the events of a request are taken. */
  readonly taken?: () => void
  /** Bytes, after decompression too. */
  readonly maxRequestSize: number
  /** That of the OTLP receiver: both share the room for requests. */
  readonly admission: Admission
  /** Told of each request that was refused whole. */
  readonly refused: (kind: RefusalKind) => void
  readonly registry: Registry
  readonly clock: Clock
}

export interface EventsRouter {
  readonly router: RequestHandler
  /** Takes one event that came another way. It is counted like those of requests. */
  take(stream: string, fields: EventFields, origin: Origin): EventOutcome
  readonly received: Readonly<Received>
}

const TYPES = ['application/json', 'application/x-ndjson', 'application/jsonl']
const SHOWN_ERRORS = 20

/**
 * POST /{stream}: one JSON event, an array of them, or NDJSON; gzip allowed. Answers 200 with what was taken and what was
 * not, 400 when nothing was, 404 with the streams there are, 503 when there is no room.
 */
export function createEventsRouter(options: EventsRouterOptions): EventsRouter {
  const { sink, maxRequestSize, admission, registry, clock } = options
  const assembly = new Assembly(false)
  const received: Received = { count: 0, lastMs: undefined }
  const counter = new Counter({
    name: 'adf_receiver_events_total',
    help: 'Events received, by stream (of the configured ones) and outcome: accepted, or why they were rejected.',
    labelNames: ['stream', 'outcome'],
    registers: [registry],
  })

  const take = (stream: string, body: Buffer, ndjson: boolean): EventsAnswer => {
    const arrivalMs = clock()
    const answer: EventsAnswer = { accepted: 0, rejected: 0, errors: [] }
    let full = false
    const reject = (index: number, outcome: string, message: string) => {
      counter.inc({ stream, outcome })
      answer.rejected++
      if (answer.errors.length < SHOWN_ERRORS) answer.errors.push({ index, message })
    }
    let index = -1
    for (const event of parseEvents(body, ndjson)) {
      index++
      if (event.fields === undefined) {
        reject(index, UNPARSABLE, event.message)
        continue
      }
      const outcome = sink.event(stream, event.fields, arrivalMs)
      if (outcome.accepted) answer.accepted++
      else {
        full ||= outcome.reason === 'queue_full'
        reject(index, outcome.reason, outcome.message)
      }
    }
    counter.inc({ stream, outcome: 'accepted' }, answer.accepted)
    if (answer.accepted === 0 && full) {
      throw new ProblemError('overloaded', 'too many events wait for the next step; send them again', {
        headers: { 'retry-after': '1' },
      })
    }
    if (answer.accepted > 0) {
      received.count += answer.accepted
      received.lastMs = arrivalMs
      options.taken?.()
    }
    return answer
  }

  const handler = async (request: Request<{ stream: string }>, response: Response) => {
    const { stream } = request.params
    const known = sink.streams.filter(({ entityKind }) => entityKind === 'event').map(({ name }) => name)
    if (!known.includes(stream)) {
      throw new ProblemError(
        'unknown_stream',
        `no stream ${JSON.stringify(stream.slice(0, 60))}; ${listed(known)}`,
        {
          extra: { streams: known },
        },
      )
    }
    if (!request.is(TYPES)) {
      throw new ProblemError('unsupported_media_type', `content-type must be one of ${TYPES.join(', ')}`)
    }
    const hold = admission.open()
    let answer: EventsAnswer
    try {
      const pieces = await readRequest(request, maxRequestSize, hold)
      // Nothing may be awaited between join and take: the joined bytes live until the next join.
      answer = take(stream, assembly.join(pieces), request.is('application/json') === false)
    } catch (error) {
      // What is still coming is read and thrown away: a client that is cut off while it sends never sees the answer.
      request.resume()
      if (!(error instanceof Refusal)) throw error
      options.refused(error.kind)
      throw problemOf(error)
    } finally {
      hold.close()
    }
    if (answer.accepted === 0 && answer.rejected > 0) {
      throw new ProblemError('invalid_request', 'none of the events was taken', {
        errors: answer.errors.map(({ index, message }) => ({ path: `[${index}]`, message })),
        extra: { accepted: 0, rejected: answer.rejected },
      })
    }
    response.json(answer)
  }

  const router = Router()
  router.post('/:stream', handler)
  router.all('/:stream', (request) => {
    throw new ProblemError('method_not_allowed', `events are sent with POST, not ${request.method}`, {
      headers: { allow: 'POST' },
    })
  })
  return {
    router,
    received,
    take(stream, fields, origin) {
      const arrivalMs = clock()
      const outcome = sink.event(stream, fields, arrivalMs, origin)
      if (!outcome.accepted && outcome.reason === 'queue_full') return outcome
      counter.inc({ stream, outcome: outcome.accepted ? 'accepted' : outcome.reason })
      if (outcome.accepted) {
        received.count++
        received.lastMs = arrivalMs
      }
      return outcome
    },
  }
}

/** What reading a body refuses with. */
const CODES: Partial<Record<RefusalKind, ErrorCode>> = {
  malformed: 'malformed_body',
  too_large: 'request_too_large',
  unsupported: 'unsupported_media_type',
  overloaded: 'overloaded',
}

function problemOf(refusal: Refusal): ProblemError {
  const headers: Record<string, string> =
    refusal.retryAfter > 0 ? { 'retry-after': String(refusal.retryAfter) } : {}
  return new ProblemError(CODES[refusal.kind] ?? 'internal', refusal.message, { headers, cause: refusal })
}

function listed(known: readonly string[]): string {
  return known.length === 0
    ? 'config declares none (streams.NAME)'
    : `there are ${known.slice(0, 20).join(', ')}`
}
