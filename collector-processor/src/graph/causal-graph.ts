import type { Graph } from '@adf/contract'
import { Gauge, type Registry } from 'prom-client'
import type { EvidenceWindow } from '../rootcause/evidence.ts'
import type { SpanBatch } from '../telemetry/batch.ts'
import * as telemetry from '../telemetry/batch.ts'
import type { Resource } from '../telemetry/resource.ts'
import type { StringTable } from '../telemetry/strings.ts'
import { AddressBook } from './addresses.ts'
import { Drops } from './drops.ts'
import type { Connection } from './edges.ts'
import { gatherEvidence } from './evidence.ts'
import * as intervals from './intervals.ts'
import { KnownPeers } from './known-peers.ts'
import * as nodes from './nodes.ts'
import type { GraphOptions } from './options.ts'
import { PendingSpans } from './pending.ts'
import { Reach } from './reach.ts'
import * as layout from './record.ts'
import { takeSnapshot } from './snapshot.ts'
import * as spanKeys from './span-keys.ts'
import * as counts from './tallies.ts'

// see pending.ts: compiled in, not read from the imports each time
const { Field, hash, KEY_BITS, NONE, RECORD } = layout
const { PeerKind, SpanKind, StatusCode } = telemetry
const { EdgeSlot, NodeSlot } = counts
const { NodeStat } = nodes
const { BLOCK, KEY_WORDS } = spanKeys
const { MAX_SCANNED } = intervals

const KIND = 7
const FAILED = 8
const FAILED_CHILD = 16
/** Known by a child only: its own span has not come. */
const PLACEHOLDER = 32
/** Stands for a span link from a consumer; not a child. */
const LINK = 64
/** A client span that met its server, or a server span that met its client. */
const PAIRED = 128
/** A client span whose server may be told without its span, by `Field.address` and `Field.peerName`. */
const WAITING = 256
/** A client span counted among the open ones of its node. */
const OPEN = 512
/** Failed and counted on `Field.edge` as unanswered, until its server says otherwise. */
const UNANSWERED = 1024
/** Counted as the place where an error began. */
const ORIGIN = 2048

const MAX_LINKS = 128
const SWEEP_MS = 30_000
const EXEMPLARS = 20
const userName = () => 'user'

/**
 * Directed graph of services, caller → callee, learned from spans in any order and from any number of requests.
 *
 * A SERVER or CONSUMER span pairs with the CLIENT or PRODUCER span that is its parent, or that it links to; a parent in
 * another service counts as a caller whatever its kind. A client span to a database or queue makes a virtual node at
 * once; one that met no server within the pairing window is an unanswered call to the service known at its address, or
 * makes a virtual `peer`. A SERVER root has the caller `user`.
 *
 * A span id seen twice within the pairing window counts once. All bounds are in the options; what did not fit is
 * counted in `adf_graph_dropped_total{reason}`. Pure: time comes with the calls.
 */
export class CausalGraph {
  readonly tallies: counts.Tallies
  readonly #options: GraphOptions
  readonly #pending: PendingSpans
  readonly #addresses: AddressBook
  readonly #union = new intervals.IntervalUnion()
  readonly #reach: Reach
  readonly #keys = new spanKeys.SpanKeys()
  readonly #peers: KnownPeers
  readonly #drops: Drops
  #strings: StringTable | undefined
  #nodeOfResource = new Int32Array(64)
  /** Until when which records came: arrival and the number of records ever added, one entry per 1/64 of the window. */
  readonly #marks: { arrivalMs: number; added: number }[] = []
  #added = 0
  #removed = 0
  #sweptMs = Number.NEGATIVE_INFINITY
  #latestEventMs = Number.NEGATIVE_INFINITY

  constructor(options: GraphOptions, registry: Registry) {
    this.#options = options
    this.tallies = new counts.Tallies(options)
    this.#pending = new PendingSpans(options.max_pending_spans, (record) => this.#evicted(record))
    this.#addresses = new AddressBook(options.max_nodes * 4)
    this.#reach = new Reach(this.tallies)
    this.#peers = new KnownPeers(this.tallies.nodes)
    this.#drops = new Drops(registry)
    const sizes = new Gauge({
      name: 'adf_graph_size',
      help: 'Nodes, edges, operations and pending spans held by the causal graph',
      labelNames: ['what'],
      registers: [registry],
      collect: () => {
        sizes.set({ what: 'nodes' }, this.tallies.nodes.size)
        sizes.set({ what: 'edges' }, this.tallies.edges.size)
        sizes.set({ what: 'operations' }, this.tallies.operations.size)
        sizes.set({ what: 'pending_spans' }, this.#pending.size)
      },
    })
  }

  /** Takes the spans of one request, and marks those that came before. The batch is read during the call only. */
  spans(batch: SpanBatch, arrivalMs: number): void {
    this.tallies.moveTo(arrivalMs)
    this.#expire(arrivalMs)
    if (this.#strings !== batch.strings) this.#changeStrings(batch.strings)
    this.#resolve(batch.resources)
    const before = this.tallies.operations.refused
    for (let from = 0; from < batch.length; from += BLOCK) {
      const to = Math.min(from + BLOCK, batch.length)
      this.#prepare(batch, from, to)
      for (let row = from; row < to; row++) this.#span(batch, row, (row - from) * KEY_WORDS)
    }
    const refused = this.tallies.operations.refused - before
    if (refused > 0) this.#drops.add('operation_limit', refused)
    this.#mark(arrivalMs)
    this.#drops.publish()
  }

  /** Makes the keys of a block of rows and brings near what they will look up. */
  #prepare(batch: SpanBatch, from: number, to: number): void {
    const { words } = this.#keys
    this.#keys.read(batch, from, to)
    if (this.#pending.full(to - from)) this.#pending.touchOldest(to - from)
    this.#pending.touch(words, 3, KEY_WORDS, (to - from) * KEY_WORDS)
    this.#pending.touch(words, 7, KEY_WORDS, (to - from) * KEY_WORDS)
  }

  /** Gives up on spans past the pairing window and forgets what went quiet. Call about every step. */
  advance(nowMs: number): void {
    this.tallies.moveTo(nowMs)
    this.#expire(nowMs)
    this.#drops.publish()
    if (nowMs - this.#sweptMs < Math.min(SWEEP_MS, this.#options.forget_after / 4)) return
    this.#sweptMs = nowMs
    this.#pending.shrink()
    if (this.#latestEventMs > Number.NEGATIVE_INFINITY) this.tallies.setHorizon(this.#latestEventMs)
    const gone = this.tallies.sweep()
    if (gone.length > 0) this.#peers.clear()
    for (const node of gone) this.#addresses.forget(node)
  }

  /** The graph as it stands, as the API gives it. */
  snapshot(nowMs: number): Graph {
    this.tallies.moveTo(nowMs)
    return takeSnapshot(this.tallies, nowMs)
  }

  /** What the ranking reads: slots of event time from `fromMs` to `nowMs` as window, those before as history. */
  evidence(fromMs: number, nowMs: number): EvidenceWindow {
    return gatherEvidence(this.tallies, this.#options, fromMs, nowMs)
  }

  /** Services that call one of these, directly or not, sorted; one of these itself only if it calls another. */
  blastRadius(services: readonly string[]): string[] {
    return this.#reach.callersOf(services)
  }

  /** Where trouble in these services is felt: they themselves, all that call them, directly or not, and what they call. */
  around(services: readonly string[]): ReadonlySet<string> {
    return this.#reach.around(services)
  }

  /** Whether one calls the other, directly or not, or both call the same third. */
  connected(a: string, b: string): boolean {
    return this.#reach.connected(a, b)
  }

  /** Ids of slow or failed traces through these services, in hex, newest first. */
  exemplars(services: readonly string[], sinceMs: number): string[] {
    const nodes = services.map((service) => this.#reach.node(service))
    return this.tallies.exemplars.list(nodes, sinceMs, EXEMPLARS)
  }

  #resolve(resources: readonly Resource[]): void {
    if (resources.length > this.#nodeOfResource.length)
      this.#nodeOfResource = new Int32Array(resources.length * 2)
    for (let i = 0; i < resources.length; i++) {
      const service = resources[i]?.service ?? ''
      const node = service === '' ? -2 : this.tallies.node('service', service)
      if (node >= 0) this.tallies.nodes.set(node, NodeStat.lastSeen, this.tallies.nowMs)
      this.#nodeOfResource[i] = node
    }
  }

  /** Takes a row whose key is at `at`. */
  #span(batch: SpanBatch, row: number, at: number): void {
    const node = this.#nodeOfResource[batch.resource[row]!]!
    if (node < 0) {
      this.#drops.add(node === -2 ? 'no_service' : 'node_limit')
      return
    }
    const links = batch.linkStart[row + 1]! - batch.linkStart[row]!
    const pending = this.#pending
    // room for the span, its parent and its links first: records must not move while links between them are made
    pending.reserve(2 + 2 * Math.min(links > 0 ? links : 0, MAX_LINKS))
    const key = this.#keys.words
    const span0 = key[at]!
    const span1 = key[at + 1]!
    let record = pending.find(span0, span1, key[at + 2]!, key[at + 3]!)
    const known = record !== NONE
    if (known && (pending.ints[record * RECORD + Field.flags]! & PLACEHOLDER) === 0) {
      this.#drops.duplicates++
      batch.repeated[row] = 1
      return
    }
    if (!known) {
      record = pending.add(span0, span1, key[at + 2]!, key[at + 3]!)
      this.#added++
    }

    this.#setTimes(batch, row, record)
    const kind = batch.kind[row]!
    const failed = batch.failed[row] === 1 || batch.status[row] === StatusCode.error
    const operation = this.tallies.operations.intern(node, batch.name[row]!, this.#nameOf)
    const o = record * RECORD
    const ints = pending.ints
    // of a placeholder only FAILED_CHILD is worth keeping
    ints[o + Field.flags] =
      (ints[o + Field.flags]! & (KEY_BITS | FAILED_CHILD)) | (kind & KIND) | (failed ? FAILED : 0)
    ints[o + Field.operation] = operation
    const duration = pending.duration(record)
    const slot = this.tallies.slotOf(pending.end(record))

    const parent0 = key[at + 4]!
    const parent1 = key[at + 5]!
    const root =
      (batch.parent0[row] === 0 && batch.parent1[row] === 0) || (parent0 === span0 && parent1 === span1)
    const entry = root || kind === SpanKind.server || kind === SpanKind.consumer
    if (entry) this.#request(batch, row, node, slot, duration, failed)
    if (root) {
      if (kind === SpanKind.server) this.#userCall(node, slot, duration, failed)
    } else {
      this.#adopt(this.#expected(parent0, parent1, key[at + 6]!, key[at + 7]!), record)
    }
    if (kind === SpanKind.client || kind === SpanKind.producer) this.#client(batch, row, record, node, slot)
    else this.tallies.exclusive(operation, slot, duration - this.#covered(record, NONE), 1)
    if (known) this.#meetChildren(record)
    if (failed) this.#maybeOrigin(record)
    if (links > 0 && kind === SpanKind.consumer) this.#links(batch, row, record)
  }

  /** The record of a span that another one names; a placeholder when it has not come. */
  #expected(key0: number, key1: number, key2: number, h: number): number {
    const known = this.#pending.find(key0, key1, key2, h)
    if (known !== NONE) return known
    this.#added++
    const record = this.#pending.add(key0, key1, key2, h)
    this.#pending.ints[record * RECORD + Field.flags]! |= PLACEHOLDER
    return record
  }

  /** Times that can be reckoned with: a nonsense duration counts as 0, a nonsense start as now. */
  #setTimes(batch: SpanBatch, row: number, record: number): void {
    let start = batch.startMs[row]!
    let duration = batch.durationMs[row]!
    if (!(duration >= 0 && duration < Number.POSITIVE_INFINITY && start > 0)) {
      this.#drops.add('bad_duration')
      if (!(start > 0 && start < Number.POSITIVE_INFINITY)) start = this.tallies.nowMs
      duration = 0
    }
    this.#pending.setTimes(record, start, duration)
    const end = start + duration
    if (end > this.#latestEventMs && end < this.tallies.nowMs + this.#options.history)
      this.#latestEventMs = end
  }

  #request(
    batch: SpanBatch,
    row: number,
    node: number,
    slot: number,
    duration: number,
    failed: boolean,
  ): void {
    this.tallies.request(node, slot, duration, failed)
    if (!failed && duration <= this.tallies.nodes.get(node, NodeStat.slow)) return
    this.tallies.exemplars.add(
      node,
      batch.startMs[row]!,
      batch.trace0[row]!,
      batch.trace1[row]!,
      batch.trace2[row]!,
      batch.trace3[row]!,
    )
  }

  #userCall(node: number, slot: number, duration: number, failed: boolean): void {
    const user = this.#peers.node('user', 0, userName, this.tallies.nowMs)
    const edge = user < 0 ? -1 : this.#edge(user, node, 'user')
    if (edge < 0) return
    this.tallies.nodes.set(user, NodeStat.lastSeen, this.tallies.nowMs)
    this.tallies.call(edge, slot, failed)
    this.tallies.serverDuration(edge, duration)
  }

  /** Makes `child` a child of `parent`, whose own span may not have come. */
  #adopt(parent: number, child: number): void {
    const pending = this.#pending
    const there = (pending.ints[parent * RECORD + Field.flags]! & PLACEHOLDER) === 0
    if (there) {
      const kind = pending.ints[parent * RECORD + Field.flags]! & KIND
      if (kind !== SpanKind.client && kind !== SpanKind.producer) {
        const added = this.#covered(parent, child)
        if (added > 0) {
          const operation = pending.ints[parent * RECORD + Field.operation]!
          this.tallies.exclusive(operation, this.tallies.slotOf(pending.end(parent)), -added, 0)
        }
      }
    }
    pending.link(parent, child)
    if (there) this.#meet(parent, child)
    else if (tellsFailure(pending.ints[child * RECORD + Field.flags]!))
      pending.ints[parent * RECORD + Field.flags]! |= FAILED_CHILD
  }

  /**
   * Time of a span that its children cover, ms; with `newcomer`, only what that child adds to the ones already linked.
   */
  #covered(parent: number, newcomer: number): number {
    const pending = this.#pending
    let low = pending.start(parent)
    let high = pending.end(parent)
    if (newcomer !== NONE) {
      low = Math.max(low, pending.start(newcomer))
      high = Math.min(high, pending.end(newcomer))
      if (!(high > low)) return 0
    }
    const ints = pending.ints
    let child = ints[parent * RECORD + Field.firstChild]!
    if (child === NONE) return newcomer === NONE ? 0 : high - low
    const union = this.#union
    union.clear()
    for (let scanned = 0; child !== NONE && scanned < MAX_SCANNED; scanned++) {
      if ((ints[child * RECORD + Field.flags]! & LINK) === 0)
        union.add(pending.start(child), pending.end(child), low, high)
      child = ints[child * RECORD + Field.next]!
    }
    return newcomer === NONE ? union.measure : high - low - union.measure
  }

  #meetChildren(parent: number): void {
    const ints = this.#pending.ints
    for (let child = ints[parent * RECORD + Field.firstChild]!; child !== NONE; ) {
      const next = ints[child * RECORD + Field.next]!
      this.#meet(parent, child)
      child = next
    }
  }

  /** Both spans are there: are they two ends of a call, and did the error come from below? */
  #meet(parent: number, child: number): void {
    const ints = this.#pending.ints
    const parentFlags = ints[parent * RECORD + Field.flags]!
    const childFlags = ints[child * RECORD + Field.flags]!
    const caller = (parentFlags & KIND) === SpanKind.client || (parentFlags & KIND) === SpanKind.producer
    const linked = (childFlags & LINK) !== 0
    if (!linked && tellsFailure(childFlags)) this.#failedBelow(parent)
    const serves = (childFlags & KIND) === SpanKind.server || (childFlags & KIND) === SpanKind.consumer
    const crosses = this.#nodeOf(parent) !== this.#nodeOf(child)
    if (crosses || (caller && serves)) this.#pair(parent, child, caller, serves)
  }

  /**
   * A child of this span failed. A span within the service that did not fail itself (a framework's handler around the
   * calls, say) passes that on to the span around it, or that one would be taken for the place where the error began.
   */
  #failedBelow(record: number): void {
    const ints = this.#pending.ints
    for (let at = record; at !== NONE; at = ints[at * RECORD + Field.parent]!) {
      const o = at * RECORD
      const flags = ints[o + Field.flags]!
      if ((flags & FAILED_CHILD) !== 0) return
      ints[o + Field.flags] = (flags | FAILED_CHILD) & ~ORIGIN
      if ((flags & ORIGIN) !== 0) this.#countOrigin(at, -1)
      if (!tellsFailure(flags | FAILED_CHILD) || (flags & FAILED) !== 0) return
    }
  }

  /** A failed span without a failed child is where the error began; for a client span the edge tells, not the node. */
  #maybeOrigin(record: number): void {
    const o = record * RECORD
    const flags = this.#pending.ints[o + Field.flags]!
    const kind = flags & KIND
    if ((flags & (FAILED_CHILD | ORIGIN)) !== 0 || kind === SpanKind.client || kind === SpanKind.producer)
      return
    this.#pending.ints[o + Field.flags] = flags | ORIGIN
    this.#countOrigin(record, 1)
  }

  #countOrigin(record: number, amount: number): void {
    const operation = this.#pending.ints[record * RECORD + Field.operation]!
    this.tallies.origin(operation, this.tallies.slotOf(this.#pending.end(record)), amount)
  }

  #pair(parent: number, child: number, caller: boolean, serves: boolean): void {
    const pending = this.#pending
    const ints = pending.ints
    const server = this.#nodeOf(child)
    const messaging = (ints[child * RECORD + Field.flags]! & KIND) === SpanKind.consumer
    const edge = this.#edge(this.#nodeOf(parent), server, messaging ? 'messaging' : 'call')
    if (edge < 0) return
    const p = parent * RECORD
    const flags = ints[p + Field.flags]!
    const first = caller && (flags & PAIRED) === 0
    const clientFailed = caller && (flags & FAILED) !== 0
    const serverFailed = (ints[child * RECORD + Field.flags]! & FAILED) !== 0
    const slot = this.tallies.slotOf(pending.end(caller ? parent : child))
    if (first && (flags & UNANSWERED) !== 0) {
      this.tallies.edgeSlots.add(ints[p + Field.edge]!, slot, EdgeSlot.unanswered, -1)
      this.tallies.uncall(ints[p + Field.edge]!, slot, true)
    }
    this.tallies.call(edge, slot, serverFailed || (first && clientFailed))
    this.tallies.serverDuration(edge, pending.duration(child))
    // a child that is no SERVER span is a request to its service all the same; roots and servers were counted before
    if (!serves) this.tallies.request(server, slot, pending.duration(child), serverFailed)
    if (!first) return
    this.#close(parent)
    if (clientFailed && !serverFailed) this.tallies.edgeSlots.add(edge, slot, EdgeSlot.unexplained, 1)
    this.tallies.clientDuration(edge, pending.duration(parent))
    // a message waits between the end of publishing and the start of processing; a call surrounds its server's work
    const gap = messaging
      ? pending.start(child) - pending.end(parent)
      : pending.duration(parent) - pending.duration(child)
    this.tallies.gap(edge, slot, Math.max(0, gap))
    if ((flags & WAITING) !== 0 && ints[p + Field.address] !== 0)
      this.#addresses.learn(ints[p + Field.address]!, server)
    ints[p + Field.edge] = edge
    ints[p + Field.flags] = (flags | PAIRED) & ~(WAITING | UNANSWERED | OPEN)
  }

  /** A client span came: a call to a virtual node at once, or one that waits for its server. */
  #client(batch: SpanBatch, row: number, record: number, node: number, slot: number): void {
    const o = record * RECORD
    const ints = this.#pending.ints
    const peer = batch.peer[row]!
    const peerKind = batch.peerKind[row]!
    if (peer === 0 || peerKind !== PeerKind.database) {
      ints[o + Field.flags] = ints[o + Field.flags]! | OPEN
      this.tallies.nodeSlots.add(node, slot, NodeSlot.open, 1)
    }
    const failed = (ints[o + Field.flags]! & FAILED) !== 0
    if (peer !== 0 && (peerKind === PeerKind.database || peerKind === PeerKind.messaging)) {
      const kind = peerKind === PeerKind.database ? 'database' : 'messaging'
      this.#virtualCall(node, kind, peer, slot, this.#pending.duration(record), failed)
      return
    }
    const address = batch.address[row]!
    if (peer === 0 && address === 0) return
    ints[o + Field.address] = address
    ints[o + Field.peerName] = peer
    ints[o + Field.flags] = ints[o + Field.flags]! | WAITING
    // a failed call may never get an answer (its service is down): count it now, not after the pairing window
    if (failed) this.#assumeUnanswered(record)
  }

  #assumeUnanswered(record: number): boolean {
    const o = record * RECORD
    const ints = this.#pending.ints
    const flags = ints[o + Field.flags]!
    let server = this.#addresses.node(ints[o + Field.address]!)
    if (server < 0) server = this.tallies.nodes.find('service', this.#nameOf(ints[o + Field.peerName]!))
    if (server < 0) return false
    const messaging = (flags & KIND) === SpanKind.producer
    const edge = this.#edge(this.#nodeOf(record), server, messaging ? 'messaging' : 'call')
    if (edge < 0) return true
    const slot = this.tallies.slotOf(this.#pending.end(record))
    this.tallies.call(edge, slot, (flags & FAILED) !== 0)
    this.tallies.edgeSlots.add(edge, slot, EdgeSlot.unanswered, 1)
    ints[o + Field.edge] = edge
    ints[o + Field.flags] = flags | UNANSWERED
    this.#close(record)
    return true
  }

  /** A client span is settled: its node has one call less whose callee is not known yet. */
  #close(record: number): void {
    const o = record * RECORD
    const flags = this.#pending.ints[o + Field.flags]!
    if ((flags & OPEN) === 0) return
    this.#pending.ints[o + Field.flags] = flags & ~OPEN
    const slot = this.tallies.slotOf(this.#pending.end(record))
    this.tallies.nodeSlots.add(this.#nodeOf(record), slot, NodeSlot.open, -1)
  }

  #virtualCall(
    client: number,
    kind: 'database' | 'messaging' | 'peer',
    nameId: number,
    slot: number,
    duration: number,
    failed: boolean,
  ): void {
    const server = this.#peers.node(kind, nameId, this.#nameOf, this.tallies.nowMs)
    if (server < 0) {
      this.#drops.add('node_limit')
      return
    }
    const edge = this.#edge(client, server, kind)
    if (edge < 0) return
    this.tallies.call(edge, slot, failed)
    this.tallies.clientDuration(edge, duration)
    // no span of the other side: all of the time belongs to it and to the way there
    this.tallies.edgeSlots.add2(edge, slot, EdgeSlot.gap, duration, EdgeSlot.gapCount, 1)
    if (failed) this.tallies.edgeSlots.add(edge, slot, EdgeSlot.unexplained, 1)
  }

  #links(batch: SpanBatch, row: number, record: number): void {
    const pending = this.#pending
    const keys = this.#keys
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
      this.#added++
      pending.ints[end * RECORD + Field.flags]! |=
        (pending.ints[record * RECORD + Field.flags]! & KIND) | LINK
      pending.ints[end * RECORD + Field.operation] = pending.ints[record * RECORD + Field.operation]!
      pending.setTimes(end, pending.start(record), pending.duration(record))
      pending.link(producer, end)
      if ((pending.ints[producer * RECORD + Field.flags]! & PLACEHOLDER) === 0) this.#meet(producer, end)
    }
  }

  #edge(client: number, server: number, connection: Connection): number {
    const edge = this.tallies.edge(client, server, connection)
    if (edge < 0) this.#drops.add('edge_limit')
    return edge
  }

  #nodeOf(record: number): number {
    return this.tallies.operations.node(this.#pending.ints[record * RECORD + Field.operation]!)
  }

  readonly #nameOf = (id: number): string => this.#strings?.get(id) ?? ''

  #mark(arrivalMs: number): void {
    const last = this.#marks.at(-1)
    if (last !== undefined && arrivalMs - last.arrivalMs < this.#options.pairing_window / 64)
      last.added = this.#added
    else this.#marks.push({ arrivalMs, added: this.#added })
  }

  /** Gives up on the records that came more than a pairing window ago. */
  #expire(nowMs: number): void {
    for (;;) {
      const mark = this.#marks[0]
      if (mark === undefined || mark.arrivalMs + this.#options.pairing_window > nowMs) return
      while (this.#removed < mark.added) {
        const count = Math.min(BLOCK, mark.added - this.#removed)
        this.#pending.touchOldest(count)
        for (let i = 0; i < count; i++) this.#giveUpOldest()
      }
      this.#marks.shift()
    }
  }

  #giveUpOldest(): void {
    this.#giveUp(this.#pending.oldest)
    this.#pending.removeOldest()
    this.#removed++
  }

  /** The pairing window of a record is over. */
  #giveUp(record: number): void {
    const o = record * RECORD
    const flags = this.#pending.ints[o + Field.flags]!
    if ((flags & PLACEHOLDER) !== 0) {
      this.#countOrphans(record)
      return
    }
    this.#close(record)
    const parent = this.#pending.ints[o + Field.parent]!
    if (parent !== NONE && (this.#pending.ints[parent * RECORD + Field.flags]! & PLACEHOLDER) !== 0)
      this.#drops.add('parent_never_came')
    if ((flags & (WAITING | UNANSWERED)) !== WAITING) return
    if (this.#assumeUnanswered(record)) return
    const ints = this.#pending.ints
    const name = ints[o + Field.peerName]! || ints[o + Field.address]!
    const slot = this.tallies.slotOf(this.#pending.end(record))
    this.#virtualCall(
      this.#nodeOf(record),
      'peer',
      name,
      slot,
      this.#pending.duration(record),
      (flags & FAILED) !== 0,
    )
  }

  #countOrphans(parent: number): void {
    const ints = this.#pending.ints
    let orphans = 0
    for (let child = ints[parent * RECORD + Field.firstChild]!; child !== NONE; orphans++)
      child = ints[child * RECORD + Field.next]!
    this.#drops.add('parent_never_came', orphans)
  }

  /** A record leaves before its time because there is no room. Nothing is concluded from that. */
  #evicted(record: number): void {
    this.#removed++
    const flags = this.#pending.ints[record * RECORD + Field.flags]!
    this.#close(record)
    if ((flags & (PLACEHOLDER | WAITING)) !== 0) this.#drops.add('pending_limit')
  }

  /** String ids mean nothing once another table gives them: what waits on one is decided now. */
  #changeStrings(strings: StringTable): void {
    if (this.#strings !== undefined) {
      while (this.#pending.size > 0) this.#giveUpOldest()
      this.#addresses.clear()
      this.#peers.clear()
      this.tallies.operations.forgetStringIds()
    }
    this.#strings = strings
  }
}

/** Whether the span around this one learns of a failure from it: its own, or one that passed through it. */
function tellsFailure(flags: number): boolean {
  if ((flags & FAILED) !== 0) return true
  const kind = flags & KIND
  const within = kind === SpanKind.internal || kind === SpanKind.unspecified
  return within && (flags & (FAILED_CHILD | PLACEHOLDER)) === FAILED_CHILD
}
