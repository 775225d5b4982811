import type { SpanBatch } from '../telemetry/batch.ts'
import * as telemetry from '../telemetry/batch.ts'
import type { AddressBook } from './addresses.ts'
import type { Drops } from './drops.ts'
import * as bits from './flags.ts'
import type { KnownPeers } from './known-peers.ts'
import type { GraphParts } from './parts.ts'
import type { PendingSpans } from './pending.ts'
import * as layout from './record.ts'
import * as counts from './tallies.ts'

// see pending.ts: compiled in, not read from the imports each time
const { Field, RECORD } = layout
const { FAILED, KIND, OPEN, PAIRED, UNANSWERED, WAITING } = bits
const { PeerKind, SpanKind } = telemetry
const { EdgeSlot, NodeSlot } = counts

/**
 * What CLIENT and PRODUCER spans tell of calls without a server span. A call to a database or queue counts at once, on an
 * edge to a virtual node. One that meets no server within the pairing window is an unanswered call to the service known
 * at its address, or makes a virtual `peer`; one that failed counts as unanswered until its server says otherwise.
 */
export class ClientSpans {
  readonly #tallies: counts.Tallies
  readonly #pending: PendingSpans
  readonly #addresses: AddressBook
  readonly #peers: KnownPeers
  readonly #drops: Drops
  readonly #nameOf: (id: number) => string

  constructor({ tallies, pending, addresses, peers, drops, nameOf }: GraphParts) {
    this.#tallies = tallies
    this.#pending = pending
    this.#addresses = addresses
    this.#peers = peers
    this.#drops = drops
    this.#nameOf = nameOf
  }

  /** A client span of this node came. */
  came(batch: SpanBatch, row: number, record: number, node: number, slot: number): void {
    const o = record * RECORD
    const ints = this.#pending.ints
    const peer = batch.peer[row]!
    const peerKind = batch.peerKind[row]!
    if (peer === 0 || peerKind !== PeerKind.database) {
      ints[o + Field.flags] = ints[o + Field.flags]! | OPEN
      this.#tallies.nodeSlots.add(node, slot, NodeSlot.open, this.#pending.weight(record))
    }
    if (peer !== 0 && (peerKind === PeerKind.database || peerKind === PeerKind.messaging)) {
      this.#virtualCall(record, peerKind === PeerKind.database ? 'database' : 'messaging', peer)
      return
    }
    const address = batch.address[row]!
    if (peer === 0 && address === 0) return
    ints[o + Field.address] = address
    ints[o + Field.peerName] = peer
    ints[o + Field.flags] = ints[o + Field.flags]! | WAITING
    // a failed call may never get an answer (its service is down): count it now, not after the pairing window
    if ((ints[o + Field.flags]! & FAILED) !== 0) this.#assumeUnanswered(record)
  }

  /** A client span met its server. `slot` is that of its end. */
  answered(record: number, edge: number, server: number, slot: number): void {
    const o = record * RECORD
    const ints = this.#pending.ints
    const flags = ints[o + Field.flags]!
    if ((flags & UNANSWERED) !== 0) {
      const count = this.#pending.weight(record)
      this.#tallies.edgeSlots.add(ints[o + Field.edge]!, slot, EdgeSlot.unanswered, -count)
      this.#tallies.uncall(ints[o + Field.edge]!, slot, true, count)
    }
    this.close(record)
    if ((flags & WAITING) !== 0 && ints[o + Field.address] !== 0)
      this.#addresses.learn(ints[o + Field.address]!, server)
    ints[o + Field.edge] = edge
    ints[o + Field.flags] = (flags | PAIRED) & ~(WAITING | UNANSWERED | OPEN)
  }

  /** The pairing window of a span is over; nothing to do for one that is no client span, or is settled. */
  giveUp(record: number): void {
    this.close(record)
    const o = record * RECORD
    const ints = this.#pending.ints
    if ((ints[o + Field.flags]! & (WAITING | UNANSWERED)) !== WAITING) return
    if (this.#assumeUnanswered(record)) return
    this.#virtualCall(record, 'peer', ints[o + Field.peerName]! || ints[o + Field.address]!)
  }

  /** A client span is settled: its node has one call less whose callee is not known yet. */
  close(record: number): void {
    const o = record * RECORD
    const flags = this.#pending.ints[o + Field.flags]!
    if ((flags & OPEN) === 0) return
    this.#pending.ints[o + Field.flags] = flags & ~OPEN
    const slot = this.#tallies.slotOf(this.#pending.end(record))
    this.#tallies.nodeSlots.add(this.#nodeOf(record), slot, NodeSlot.open, -this.#pending.weight(record))
  }

  /** Counts a call to the service that is known at the address; false when none is. */
  #assumeUnanswered(record: number): boolean {
    const o = record * RECORD
    const ints = this.#pending.ints
    const flags = ints[o + Field.flags]!
    let server = this.#addresses.node(ints[o + Field.address]!)
    if (server < 0) server = this.#tallies.nodes.find('service', this.#nameOf(ints[o + Field.peerName]!))
    if (server < 0) return false
    const messaging = (flags & KIND) === SpanKind.producer
    const edge = this.#tallies.edge(this.#nodeOf(record), server, messaging ? 'messaging' : 'call')
    if (edge < 0) return true
    const slot = this.#tallies.slotOf(this.#pending.end(record))
    const count = this.#pending.weight(record)
    this.#tallies.call(edge, slot, (flags & FAILED) !== 0, count)
    this.#tallies.edgeSlots.add(edge, slot, EdgeSlot.unanswered, count)
    ints[o + Field.edge] = edge
    ints[o + Field.flags] = flags | UNANSWERED
    this.close(record)
    return true
  }

  #virtualCall(record: number, kind: 'database' | 'messaging' | 'peer', nameId: number): void {
    const server = this.#peers.node(kind, nameId, this.#nameOf, this.#tallies.nowMs)
    if (server < 0) {
      this.#drops.add('node_limit')
      return
    }
    const edge = this.#tallies.edge(this.#nodeOf(record), server, kind)
    if (edge < 0) return
    const failed = (this.#pending.ints[record * RECORD + Field.flags]! & FAILED) !== 0
    const duration = this.#pending.duration(record)
    const slot = this.#tallies.slotOf(this.#pending.end(record))
    const count = this.#pending.weight(record)
    this.#tallies.call(edge, slot, failed, count)
    this.#tallies.clientDuration(edge, duration, count)
    // no span of the other side: all of the time belongs to it and to the way there
    this.#tallies.edgeSlots.add2(edge, slot, EdgeSlot.gap, duration * count, EdgeSlot.gapCount, count)
    if (failed) this.#tallies.edgeSlots.add(edge, slot, EdgeSlot.unexplained, count)
  }

  #nodeOf(record: number): number {
    return this.#tallies.operations.node(this.#pending.operation(record))
  }
}
