import { ProblemError } from '@adf/service'
import type { EventFields, EventOutcome } from '../../feature/event-stream.ts'
import type { Origin } from '../../scoring/vector.ts'
import type { Admission } from '../admission.ts'
import { parseEvents } from '../events/parse.ts'
import type { Intake } from '../intake.ts'
import { Refusal } from '../refusal.ts'
import type { Content, KafkaMessage, Outcome, Poison } from './message.ts'

export interface HandlePorts {
  readonly intake: Pick<Intake, 'protobuf' | 'json'>
  readonly events: {
    take(stream: string, fields: EventFields, origin: Origin): EventOutcome
  }
  /** Names of the streams of kind `event`. */
  readonly streams: () => readonly string[]
  /** Takes a summary of spans, or says in words why it is none. */
  readonly edges: (value: Buffer, atMs: number) => string | undefined
  readonly admission: Admission
  readonly maxSize: number
  /** Somebody keeps the bytes of requests beyond the call: they are copied out of the answer that they came in. */
  readonly kept: boolean
  readonly failed: (error: unknown) => void
}

const OPEN_BRACE = 0x7b
const STREAM = 'stream'

/** Hands messages to what takes requests, by the same rules. Synchronous. */
export class Handle {
  readonly #ports: HandlePorts
  /** How many events of a message were taken before there was no more room. */
  #begun: { readonly source: string; readonly offset: number; readonly taken: number } | undefined

  constructor(ports: HandlePorts) {
    this.#ports = ports
  }

  take(content: Content, source: string, message: KafkaMessage): Outcome {
    const { admission, maxSize, failed } = this.#ports
    const size = message.value.length
    if (size > maxSize) return poison('too_large', `${size} bytes are over the limit of ${maxSize} bytes`)
    const hold = admission.open()
    try {
      hold.add(size)
      if (content.kind === 'edges') return this.#edges(message)
      return content.kind === 'otlp'
        ? this.#request(content.signal, message.value)
        : this.#events(content.stream, source, message)
    } catch (error) {
      if (error instanceof Refusal) {
        if (error.kind === 'overloaded') return 'wait'
        return poison(error.kind === 'too_large' ? 'too_large' : 'malformed', error.message)
      }
      if (error instanceof ProblemError)
        return poison(error.code === 'request_too_large' ? 'too_large' : 'malformed', error.message)
      failed(error)
      return poison('failed', 'it failed inside ADF; its log has the details')
    } finally {
      hold.close()
    }
  }

  #request(signal: 'traces' | 'metrics' | 'logs', value: Buffer): Outcome {
    const { intake, kept } = this.#ports
    const bytes = kept ? Buffer.from(value) : value
    // No protobuf request begins with this byte: it would be a field 15 of a type that there is none of.
    if (bytes[0] === OPEN_BRACE) intake.json(signal, bytes, 'kafka')
    else intake.protobuf(signal, bytes, 'kafka')
    return 'taken'
  }

  #edges({ value, timestampMs }: KafkaMessage): Outcome {
    const fault = this.#ports.edges(value, timestampMs)
    return fault === undefined ? 'taken' : poison('malformed', fault)
  }

  #events(declared: string | undefined, source: string, message: KafkaMessage): Outcome {
    const { offset } = message
    const skip = this.#begun?.source === source && this.#begun.offset === offset ? this.#begun.taken : 0
    this.#begun = undefined
    let index = -1
    let refused: Poison | undefined
    for (const { fields } of parseEvents(message.value, false)) {
      index++
      if (index < skip) continue
      const outcome = this.#event(declared, fields, message, {
        ...{ source, offset, index },
        atMs: message.timestampMs,
      })
      if (outcome === 'wait') {
        this.#begun = { source, offset, taken: index }
        return 'wait'
      }
      if (outcome !== 'taken') refused ??= { ...outcome, detail: `event ${index}: ${outcome.detail}` }
    }
    return refused ?? 'taken'
  }

  #event(
    declared: string | undefined,
    fields: EventFields | undefined,
    message: KafkaMessage,
    origin: Origin,
  ): Outcome {
    if (fields === undefined) return poison('malformed', 'an event is a JSON object')
    const named = declared ?? message.headers.get(STREAM)?.toString() ?? fields[STREAM]
    const stream = typeof named === 'string' ? named : undefined
    if (stream === undefined)
      return poison('unknown_stream', 'neither a header nor a field `stream` says what stream it is of')
    if (!this.#ports.streams().includes(stream))
      return poison(
        'unknown_stream',
        `no stream ${JSON.stringify(stream.slice(0, 60))} of events is declared`,
      )
    const outcome = this.#ports.events.take(stream, fields, origin)
    if (outcome.accepted) return 'taken'
    return outcome.reason === 'queue_full' ? 'wait' : poison('rejected_event', outcome.message)
  }
}

const poison = (reason: Poison['reason'], detail: string): Poison => ({ reason, detail })
