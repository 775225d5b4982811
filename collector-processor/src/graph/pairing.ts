import type { SpanBatch } from '../telemetry/batch.ts'
import * as telemetry from '../telemetry/batch.ts'
import type { ClientSpans } from './client-spans.ts'
import type { Drops } from './drops.ts'
import type { ErrorOrigins } from './error-origins.ts'
import type { ExclusiveTime } from './exclusive-time.ts'
import * as bits from './flags.ts'
import type { HostClocks } from './host-clocks.ts'
import type { GraphParts } from './parts.ts'
import type { PendingSpans } from './pending.ts'
import * as layout from './record.ts'
import type { SpanKeys } from './span-keys.ts'
import * as counts from './tallies.ts'

// see pending.ts: compiled in, not read from the imports each time
const { Field, hash, NONE, RECORD } = layout
const { FAILED, FAILED_CHILD, KIND, LINK, PAIRED, PLACEHOLDER, tellsFailure } = bits
const { SpanKind } = telemetry
const { EdgeSlot } = counts

/** Links of one span that are followed. */
export const MAX_LINKS = 128

/**
 * What two spans tell of each other when both are there: parent and child, or a consumer and the producer it links to.
 * A SERVER or CONSUMER span with the CLIENT or PRODUCER span above it is a call, and so is any parent in another service.
 */
export class Pairing {
  readonly #tallies: counts.Tallies
  readonly #pending: PendingSpans
  readonly #drops: Drops
  readonly #hostClocks: HostClocks
  readonly #clients: ClientSpans
  readonly #exclusive: ExclusiveTime
  readonly #origins: ErrorOrigins

  constructor(
    { tallies, pending, drops, clocks }: GraphParts,
    clients: ClientSpans,
    exclusive: ExclusiveTime,
    origins: ErrorOrigins,
  ) {
    this.#tallies = tallies
    this.#pending = pending
    this.#drops = drops
    this.#hostClocks = clocks
    this.#clients = clients
    this.#exclusive = exclusive
    this.#origins = origins
  }

  /** Makes `child` a child of the span with this key, whose own span may not have come. */
  adopt(key0: number, key1: number, key2: number, h: number, child: number): void {
    const parent = this.#expected(key0, key1, key2, h)
    const pending = this.#pending
    const ints = pending.ints
    const flags = ints[parent * RECORD + Field.flags]!
    const there = (flags & PLACEHOLDER) === 0
    if (there) {
      const kind = flags & KIND
      if (kind !== SpanKind.client && kind !== SpanKind.producer) this.#exclusive.takeOff(parent, child)
    }
    pending.link(parent, child)
    if (there) this.#meet(parent, child)
    else if (tellsFailure(ints[child * RECORD + Field.flags]!))
      ints[parent * RECORD + Field.flags] = flags | FAILED_CHILD
  }

  /** A span came of which children came before it. */
  meetChildren(parent: number): void {
    const ints = this.#pending.ints
    for (let child = ints[parent * RECORD + Field.firstChild]!; child !== NONE; ) {
      const next = ints[child * RECORD + Field.next]!
      this.#meet(parent, child)
      child = next
    }
  }

  /** Pairs a consumer with the producers that it links to; `keys` are those of its batch. */
  links(batch: SpanBatch, row: number, record: number, keys: SpanKeys): void {
    const pending = this.#pending
    const from = batch.linkStart[row]!
    let to = batch.linkStart[row + 1]!
    if (to - from > MAX_LINKS) {
      this.#drops.add('link_limit', to - from - MAX_LINKS)
      to = from + MAX_LINKS
    }
    for (let link = from; link < to; link++) {
      const span0 = batch.linkSpan0[link]! | 0
      const span1 = batch.linkSpan1[link]! | 0
      if (span0 === 0 && span1 === 0) continue
      const sameTrace =
        batch.linkTrace3[link] === batch.trace3[row] && batch.linkTrace2[link] === batch.trace2[row]
      // parent and link at once: one message, counted by its parent
      if (sameTrace && span0 === (batch.parent0[row]! | 0) && span1 === (batch.parent1[row]! | 0)) continue
      keys.trace(
        batch.linkTrace0[link]!,
        batch.linkTrace1[link]!,
        batch.linkTrace2[link]!,
        batch.linkTrace3[link]!,
      )
      const [key0, key1] = [span0 ^ keys.low, span1 ^ keys.high]
      const producer = this.#expected(key0, key1, keys.rest, hash(key0, key1))
      const end = pending.addKeyless()
      pending.ints[end * RECORD + Field.flags]! |=
        (pending.ints[record * RECORD + Field.flags]! & KIND) | LINK
      pending.ints[end * RECORD + Field.operation] = pending.operation(record)
      pending.setTimes(end, pending.start(record), pending.duration(record))
      pending.floats[end * RECORD + Field.weight] = pending.weight(record)
      pending.ints[end * RECORD + Field.host] = pending.ints[record * RECORD + Field.host]!
      pending.link(producer, end)
      if ((pending.ints[producer * RECORD + Field.flags]! & PLACEHOLDER) === 0) this.#meet(producer, end)
    }
  }

  /** The record of a span that another one names; a placeholder when it has not come. */
  #expected(key0: number, key1: number, key2: number, h: number): number {
    const known = this.#pending.find(key0, key1, key2, h)
    if (known !== NONE) return known
    const record = this.#pending.add(key0, key1, key2, h)
    this.#pending.ints[record * RECORD + Field.flags]! |= PLACEHOLDER
    return record
  }

  /** Both spans are there: are they two ends of a call, and did the error come from below? */
  #meet(parent: number, child: number): void {
    const ints = this.#pending.ints
    const parentFlags = ints[parent * RECORD + Field.flags]!
    const childFlags = ints[child * RECORD + Field.flags]!
    const caller = (parentFlags & KIND) === SpanKind.client || (parentFlags & KIND) === SpanKind.producer
    const linked = (childFlags & LINK) !== 0
    if (!linked && tellsFailure(childFlags)) this.#origins.failedBelow(parent)
    const serves = (childFlags & KIND) === SpanKind.server || (childFlags & KIND) === SpanKind.consumer
    const { operations } = this.#tallies
    const client = operations.node(ints[parent * RECORD + Field.operation]!)
    const server = operations.node(ints[child * RECORD + Field.operation]!)
    if (client !== server || (caller && serves)) this.#pair(parent, child, client, server, caller, serves)
  }

  #pair(
    parent: number,
    child: number,
    client: number,
    server: number,
    caller: boolean,
    serves: boolean,
  ): void {
    const tallies = this.#tallies
    const pending = this.#pending
    const ints = pending.ints
    const messaging = (ints[child * RECORD + Field.flags]! & KIND) === SpanKind.consumer
    const edge = tallies.edge(client, server, messaging ? 'messaging' : 'call')
    if (edge < 0) return
    const flags = ints[parent * RECORD + Field.flags]!
    const first = caller && (flags & PAIRED) === 0
    const clientFailed = caller && (flags & FAILED) !== 0
    const serverFailed = (ints[child * RECORD + Field.flags]! & FAILED) !== 0
    const slot = tallies.slotOf(pending.end(caller ? parent : child))
    if (first) this.#clients.answered(parent, edge, server, slot)
    // samplers agree on what is random in a trace, so that a pair is kept as often as the rarer of the two
    const count = Math.max(pending.weight(parent), pending.weight(child))
    tallies.call(edge, slot, serverFailed || (first && clientFailed), count)
    tallies.serverDuration(edge, pending.duration(child), count)
    // a child that is no SERVER span is a request to its service all the same; roots and servers were counted before
    if (!serves) tallies.request(server, slot, pending.duration(child), serverFailed, pending.weight(child))
    if (!first) return
    if (clientFailed && !serverFailed) tallies.edgeSlots.add(edge, slot, EdgeSlot.unexplained, count)
    tallies.clientDuration(edge, pending.duration(parent), count)
    // a message waits between the end of publishing and the start of processing; a call surrounds its server's work
    tallies.gap(
      edge,
      slot,
      Math.max(0, messaging ? this.#waited(parent, child) : this.#around(parent, child)),
      count,
    )
  }

  /** Time from the end of publishing to the start of processing, by one clock. */
  #waited(parent: number, child: number): number {
    const pending = this.#pending
    const [host, of] = [this.#host(child), this.#host(parent)]
    return pending.start(child) - this.#hostClocks.ahead(host, of) - pending.end(parent)
  }

  /** Time of a call that its server did not have: two durations, whatever the clocks say. They learn from it how far they are off. */
  #around(parent: number, child: number): number {
    const pending = this.#pending
    const [client, server] = [this.#host(parent), this.#host(child)]
    if (client !== server && client !== 0 && server !== 0) {
      const ends = pending.end(child) - pending.end(parent)
      const starts = pending.start(child) - pending.start(parent)
      this.#hostClocks.observe(client, server, ends, starts, this.#tallies.nowMs)
    }
    return pending.duration(parent) - pending.duration(child)
  }

  #host(record: number): number {
    return this.#pending.ints[record * RECORD + Field.host]!
  }
}
