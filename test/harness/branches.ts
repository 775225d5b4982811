import { type PlainSpan, SpanKind } from '@adf/processor'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

export const FAULTS = ['latency', 'error', 'crash', 'network', 'database'] as const
type FaultName = (typeof FAULTS)[number]

export interface Fault {
  readonly service: string
  readonly fault: FaultName
}

/** Services on each level; those of the last have a database of their own, and all of them one that they share. */
const LEVELS = [1, 5, 10, 14]
const SHARED = 'shared'

interface Visit {
  readonly ms: number
  readonly failed: boolean
}

/** A shop of 30 services under a front-end, drawn from a seed: each has one or two callers on the level above. */
export class Branches {
  readonly calls = new Map<string, string[]>()
  readonly #random: () => number
  readonly #databases = new Map<string, string>()
  #ids = 1

  constructor(seed: number) {
    const generator = xoroshiro128plus(seed)
    this.#random = () => uniformFloat64(generator)
    let above: string[] = []
    for (const [level, count] of LEVELS.entries()) {
      const names = Array.from({ length: count }, (_, i) => (level === 0 ? 'front' : `s${level}-${i}`))
      for (const [i, name] of names.entries()) {
        this.calls.set(name, [])
        const callers = new Set(above.length === 0 ? [] : [above[i % above.length] ?? ''])
        if (above.length > 1 && this.#random() < 0.3) callers.add(above[this.#pick(above.length)] ?? '')
        for (const caller of callers) this.calls.get(caller)?.push(name)
        if (level === LEVELS.length - 1) this.#databases.set(name, i < 3 ? SHARED : name)
      }
      above = names
    }
  }

  get services(): string[] {
    return [...this.calls.keys()]
  }

  /** Those that the service calls, directly or not, and itself. */
  reached(service: string): Set<string> {
    const reached = new Set([service])
    for (const at of reached) for (const next of this.calls.get(at) ?? []) reached.add(next)
    return reached
  }

  /** Neither calls the other, directly or not. */
  unrelated(a: string, b: string): boolean {
    return !this.reached(a).has(b) && !this.reached(b).has(a)
  }

  fits({ service, fault }: Fault): boolean {
    if (fault === 'database') return this.#databases.has(service) && this.#databases.get(service) !== SHARED
    return service !== 'front' || fault === 'latency'
  }

  /** Spans of one request; `sharedMs` is what a query of the shared database takes. */
  request(atMs: number, faults: readonly Fault[], sharedMs = 3): PlainSpan[] {
    const spans: PlainSpan[] = []
    this.#serve('front', undefined, this.#id(32), atMs, faults, sharedMs, spans)
    return spans
  }

  #serve(
    service: string,
    parent: string | undefined,
    trace: string,
    at: number,
    faults: readonly Fault[],
    sharedMs: number,
    spans: PlainSpan[],
  ): Visit {
    const has = (fault: FaultName) => faults.some((one) => one.service === service && one.fault === fault)
    const id = this.#id(16)
    let now = at + this.#work(4)
    if (has('latency')) now += this.#work(150)
    let failed = has('error') && this.#random() < 0.6
    const database = this.#databases.get(service)
    if (!failed && database !== undefined) {
      const ms = this.#work(has('database') ? 120 : database === SHARED ? sharedMs : 3)
      spans.push(
        this.#span(service, 'SELECT', SpanKind.client, trace, this.#id(16), id, now, ms, false, {
          'db.system.name': 'postgresql',
          'db.namespace': database,
        }),
      )
      now += ms
    }
    for (const callee of failed ? [] : (this.calls.get(service) ?? [])) {
      if (this.#random() < 0.35) continue
      const visit = this.#call(service, callee, trace, id, now, faults, sharedMs, spans)
      now += visit.ms
      failed = visit.failed
      if (failed) break
    }
    now += this.#work(4)
    spans.push(
      this.#span(service, `GET /${service}`, SpanKind.server, trace, id, parent, at, now - at, failed),
    )
    return { ms: now - at, failed }
  }

  #call(
    service: string,
    callee: string,
    trace: string,
    parent: string,
    at: number,
    faults: readonly Fault[],
    sharedMs: number,
    spans: PlainSpan[],
  ): Visit {
    const id = this.#id(16)
    const has = (fault: FaultName) => faults.some((one) => one.service === callee && one.fault === fault)
    const address = { 'server.address': '127.0.0.1', 'server.port': 7000 + this.services.indexOf(callee) }
    if (has('crash')) {
      spans.push(this.#span(service, 'GET', SpanKind.client, trace, id, parent, at, 1, true, address))
      return { ms: 1, failed: true }
    }
    const delay = has('network') ? this.#work(100) : this.#work(2)
    const { ms, failed } = this.#serve(callee, id, trace, at + delay / 2, faults, sharedMs, spans)
    spans.push(
      this.#span(service, 'GET', SpanKind.client, trace, id, parent, at, ms + delay, failed, address),
    )
    return { ms: ms + delay, failed }
  }

  #span(
    service: string,
    name: string,
    kind: PlainSpan['kind'],
    traceId: string,
    spanId: string,
    parent: string | undefined,
    startMs: number,
    durationMs: number,
    failed: boolean,
    attributes: Record<string, string | number> = {},
  ): PlainSpan {
    return {
      resource: { 'service.name': service, 'service.instance.id': `${service}-1` },
      traceId,
      spanId,
      ...(parent === undefined ? {} : { parentSpanId: parent }),
      name,
      kind,
      status: failed ? 2 : 0,
      startMs,
      durationMs,
      attributes,
      links: [],
    }
  }

  /** Spread by a third. */
  #work(ms: number): number {
    return ms * (0.67 + 0.66 * this.#random())
  }

  #pick(count: number): number {
    return Math.floor(this.#random() * count)
  }

  #id(length: number): string {
    return (this.#ids++).toString(16).padStart(length, '0')
  }
}
