import { type Rng, seeded } from '@adf/detectors'
import { type LoadRequest, nanosOf, PatchedRequest } from './patched-request.ts'
import { attributes, INSTANCE, nameOf, resource, SERVICES, scope } from './services.ts'

/** Each trace is a chain through all services, a server and a client span in each. */
const TRACE = SERVICES * 2
const ID = 'a5c3f10e'
const LATE_ID = '95d7b32c'
const START = 0xb6d4e21f_b6d4e21fn
const END = 0xc7e5d32f_c7e5d32fn

/**
 * Spans of ten attributes each, about 450 bytes a span. Spans of odd services come one request later than those of even ones, so
 * that every call's client and server span are in different requests, as they are where each service exports its own.
 */
export class TraceRequest implements LoadRequest {
  readonly message: PatchedRequest
  readonly #places: TracePlaces
  #last = 0

  /** @param nameOfService what each service is called */
  static of(spans: number, nameOfService = nameOf): TraceRequest {
    const rng = seeded(1)
    const traces = Array.from({ length: spans / TRACE }, (_, number) => new Trace(number, rng))
    const resourceSpans = Array.from({ length: SERVICES }, (_, service) => ({
      resource: resource(service, nameOfService(service)),
      scopeSpans: [
        {
          scope: scope('@bench/http'),
          spans: traces.flatMap((trace) => [trace.span(service, 'server'), trace.span(service, 'client')]),
        },
      ],
    }))
    const message = PatchedRequest.of('traces', { resourceSpans })
    const starts = message.placesOf64(START)
    return new TraceRequest(message, {
      ids: message.placesOf(ID, 'hex'),
      lateIds: message.placesOf(LATE_ID, 'hex'),
      instances: message.placesOf(INSTANCE, 'latin1'),
      ends: message.placesOf64(END),
      starts: Array.from({ length: TRACE }, (_, position) => {
        const service = position >> 1
        const first = service * traces.length * 2 + (position & 1)
        return traces.map((_, trace) => starts[first + 2 * trace] ?? Number.NaN)
      }),
    })
  }

  private constructor(message: PatchedRequest, places: TracePlaces) {
    this.message = message
    this.#places = places
  }

  /** One more of the same services. */
  copy(): TraceRequest {
    return new TraceRequest(this.message.copy(), this.#places)
  }

  next(counter: number, instance: string, nowMs: number): void {
    const { message } = this
    const { ids, lateIds, instances, ends, starts } = this.#places
    const id = Math.imul(counter + 1, 0x9e3779b1) >>> 0
    message.words(ids, id)
    message.words(lateIds, this.#last)
    this.#last = id
    message.texts(instances, instance)
    message.longs(ends, ...nanosOf(nowMs))
    // 1 to 20 ms, longer the nearer to the root
    for (const [position, places] of starts.entries())
      message.longs(places, ...nanosOf(nowMs - 1 - 0.997 * (TRACE - position)))
  }
}

/** Where a request is changed before each send. */
interface TracePlaces {
  readonly ids: readonly number[]
  readonly lateIds: readonly number[]
  readonly instances: readonly number[]
  readonly ends: readonly number[]
  /** By place in the chain. */
  readonly starts: readonly (readonly number[])[]
}

/** One trace of a request; its ids differ from all others' but for the part that each send changes. */
class Trace {
  readonly #number: number
  readonly #id: string
  readonly #spanIds: readonly string[]

  constructor(number: number, rng: Rng) {
    this.#number = number
    this.#id = hex(rng, 12)
    this.#spanIds = Array.from({ length: TRACE }, () => hex(rng, 4))
  }

  span(service: number, side: 'server' | 'client') {
    const server = side === 'server'
    const position = service * 2 + (server ? 0 : 1)
    const next = (service + 1) % SERVICES
    const route = `/api/v1/resource-${server ? service : next}/{id}`
    const part = service % 2 === 0 ? ID : LATE_ID
    const failed = this.#number % 25 === 7
    return {
      traceId: this.#id + part,
      spanId: this.#spanIds[position] + part,
      ...(position > 0 && { parentSpanId: this.#spanIds[position - 1] + part }),
      name: `GET ${route}`,
      kind: server ? 2 : 3,
      startTimeUnixNano: String(START),
      endTimeUnixNano: String(END),
      attributes: attributes({
        'http.request.method': 'GET',
        'http.response.status_code': failed ? 500 : 200,
        'http.route': route,
        'url.path': route.replace('{id}', `${this.#number}`),
        'url.scheme': 'http',
        'server.address': `service-${server ? service : next}.bench.svc`,
        'server.port': 8080,
        'network.protocol.version': '1.1',
        'user_agent.original': 'bench-client/1.0',
        'client.address': `10.0.${service}.${this.#number % 250}`,
      }),
      status: failed ? { code: 2 } : {},
    }
  }
}

function hex(rng: Rng, bytes: number): string {
  return Array.from({ length: bytes }, () =>
    Math.floor(rng() * 256)
      .toString(16)
      .padStart(2, '0'),
  ).join('')
}
