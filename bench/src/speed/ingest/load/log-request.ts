import { seeded } from '@adf/detectors'
import { type LoadRequest, nanosOf, PatchedRequest } from './patched-request.ts'
import { attributes, INSTANCE, resource, SERVICES, scope } from './services.ts'

/** In ids and in lines alike. */
const ID = 'a5c3f10e'
const TIME = 0xb6d4e21f_b6d4e21fn

const LINES = [
  'request ID finished GET /api/v1/resource-N/N in N ms with status N',
  'connection from 10.0.N.N:N accepted by worker N',
  'cache miss for key user:N:session:ID, loading from database',
  'retrying call ID to inventory, attempt N of 5: connect ETIMEDOUT 10.1.N.N:8443',
  'order N of customer N placed, total N.N EUR, payment ID authorised',
  'pool checkout took N ms, N of 64 connections in use',
  'garbage collection pause N ms, heap N MB of 512 MB',
  'message ID published to topic orders partition N offset N',
  'token of user N expires in N seconds, refreshing',
  'slow query (N ms): SELECT * FROM items WHERE id = N AND region = N',
]

/**
 * Log records of one to two hundred bytes with a trace and two attributes each; lines of ten kinds in each service, whose variable parts no other
 * line of the run has.
 */
export class LogRequest implements LoadRequest {
  readonly message: PatchedRequest
  readonly #ids: readonly number[]
  readonly #texts: readonly number[]
  readonly #times: readonly number[]
  readonly #instances: readonly number[]

  constructor(records: number) {
    const rng = seeded(1)
    const hex = (digits: number) =>
      Array.from({ length: digits }, () => Math.floor(rng() * 16).toString(16)).join('')
    const record = (_: unknown, i: number) => ({
      timeUnixNano: String(TIME),
      severityNumber: i % 20 === 3 ? 17 : 9,
      severityText: i % 20 === 3 ? 'ERROR' : 'INFO',
      body: {
        stringValue: (LINES[i % LINES.length] ?? '')
          .replaceAll('ID', `${hex(8)}${ID}`)
          .replace(/\bN\b/g, () => String(Math.floor(rng() * 5000))),
      },
      attributes: attributes({ 'code.function.name': 'handle', 'thread.id': Math.floor(rng() * 16) }),
      traceId: hex(24) + ID,
      spanId: hex(8) + ID,
    })
    const resourceLogs = Array.from({ length: SERVICES }, (_, service) => ({
      resource: resource(service),
      scopeLogs: [
        { scope: scope('@bench/log'), logRecords: Array.from({ length: records / SERVICES }, record) },
      ],
    }))
    this.message = PatchedRequest.of('logs', { resourceLogs })
    this.#ids = this.message.placesOf(ID, 'hex')
    this.#texts = this.message.placesOf(ID, 'latin1')
    this.#times = this.message.placesOf64(TIME)
    this.#instances = this.message.placesOf(INSTANCE, 'latin1')
  }

  next(counter: number, instance: string, nowMs: number): void {
    const id = Math.imul(counter + 1, 0x9e3779b1) >>> 0
    this.message.words(this.#ids, id)
    this.message.texts(this.#texts, id.toString(16).padStart(8, '0'))
    this.message.longs(this.#times, ...nanosOf(nowMs))
    this.message.texts(this.#instances, instance)
  }
}
