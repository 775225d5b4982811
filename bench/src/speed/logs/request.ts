import type { PlainLog } from '@adf/processor'
import { encodeJsonRequest } from '@adf/processor'

/** What stands in the requests where each send has something of its own: the end of every trace id, and every time. */
const ID = 'a5c3f10e'
const TIME = 0x5a5a5a5a

/**
 * An ExportLogsServiceRequest of real records. Each send gets trace ids and times of its own, in the ids and wherever a line
 * names its trace, so that no two lines are the same.
 */
export class LogRequest {
  readonly bytes: Buffer
  readonly records: number
  readonly #binary: readonly number[]
  readonly #text: readonly number[]
  readonly #times: readonly number[]

  constructor(logs: readonly PlainLog[]) {
    this.bytes = Buffer.from(encodeJsonRequest('logs', { resourceLogs: byResource(logs) }))
    this.records = logs.length
    const time = Buffer.alloc(4)
    time.writeUInt32LE(TIME)
    this.#binary = placesOf(this.bytes, Buffer.from(ID, 'hex'))
    this.#text = placesOf(this.bytes, Buffer.from(ID))
    this.#times = placesOf(this.bytes, Buffer.concat([time, time]))
  }

  /** `counter` makes the ids of this send. */
  next(counter: number, nowMs: number): void {
    const id = Math.imul(counter + 1, 0x9e3779b1) >>> 0
    const text = id.toString(16).padStart(8, '0')
    for (const at of this.#binary) this.bytes.writeUInt32BE(id, at)
    for (const at of this.#text) this.bytes.write(text, at, 'latin1')
    const nanos = BigInt(Math.round(nowMs)) * 1_000_000n
    for (const at of this.#times) this.bytes.writeBigUInt64LE(nanos, at)
  }
}

function byResource(logs: readonly PlainLog[]) {
  const pods = Map.groupBy(logs, ({ resource }) => String(resource['service.instance.id']))
  return Array.from(pods.values(), (records) => ({
    resource: {
      attributes: Object.entries(records[0]?.resource ?? {}).map(([key, value]) => ({
        key,
        value: { stringValue: String(value) },
      })),
    },
    scopeLogs: [{ logRecords: records.map(recordOf) }],
  }))
}

function recordOf({ severity, body = '', traceId = '', spanId = '' }: PlainLog) {
  const id = traceId.slice(0, 24) + ID
  return {
    timeUnixNano: String(BigInt(TIME) * 2n ** 32n + BigInt(TIME)),
    severityNumber: severity,
    body: { stringValue: traceId === '' ? body : body.replaceAll(traceId, id) },
    ...(traceId === '' ? {} : { traceId: id, spanId }),
  }
}

function placesOf(bytes: Buffer, pattern: Buffer): number[] {
  const places: number[] = []
  for (let at = bytes.indexOf(pattern); at >= 0; at = bytes.indexOf(pattern, at + 1)) places.push(at)
  return places
}
