import type { Graph } from '@adf/contract'
import { Gauge, type Registry } from 'prom-client'
import type { EvidenceWindow } from '../rootcause/evidence.ts'
import type { SpanBatch } from '../telemetry/batch.ts'
import type { StringTable } from '../telemetry/strings.ts'
import { AddressBook } from './addresses.ts'
import { ClientSpans } from './client-spans.ts'
import { Drops } from './drops.ts'
import { gatherEvidence } from './evidence.ts'
import { KnownPeers } from './known-peers.ts'
import type { GraphOptions } from './options.ts'
import { PairingWindow } from './pairing-window.ts'
import { PendingSpans } from './pending.ts'
import { Reach } from './reach.ts'
import { takeSnapshot } from './snapshot.ts'
import { SpanIntake } from './span-intake.ts'
import { Tallies } from './tallies.ts'

const SWEEP_MS = 30_000
const EXEMPLARS = 20

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
  readonly tallies: Tallies
  readonly #options: GraphOptions
  readonly #pending: PendingSpans
  readonly #addresses: AddressBook
  readonly #peers: KnownPeers
  readonly #drops: Drops
  readonly #intake: SpanIntake
  readonly #window: PairingWindow
  readonly #reach: Reach
  #strings: StringTable | undefined
  #sweptMs = Number.NEGATIVE_INFINITY

  constructor(options: GraphOptions, registry: Registry) {
    this.#options = options
    this.#drops = new Drops(registry)
    this.tallies = new Tallies(options, this.#drops)
    this.#pending = new PendingSpans(options.max_pending_spans, (record) => this.#window.evicted(record))
    this.#addresses = new AddressBook(options.max_nodes * 4)
    this.#peers = new KnownPeers(this.tallies.nodes)
    const parts = {
      options,
      tallies: this.tallies,
      pending: this.#pending,
      addresses: this.#addresses,
      peers: this.#peers,
      drops: this.#drops,
      nameOf: (id: number) => this.#strings?.get(id) ?? '',
    }
    const clients = new ClientSpans(parts)
    this.#intake = new SpanIntake(parts, clients)
    this.#window = new PairingWindow(parts, clients)
    this.#reach = new Reach(this.tallies)
    const sizes = new Gauge({
      name: 'adf_graph_size',
      help: 'Nodes, edges, operations and pending spans held by the causal graph.',
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
    this.#window.expire(arrivalMs)
    if (this.#strings !== batch.strings) this.#changeStrings(batch.strings)
    this.#intake.take(batch)
    this.#window.mark(arrivalMs)
    this.#drops.publish()
  }

  /** Gives up on spans past the pairing window and forgets what went quiet. Call about every step. */
  advance(nowMs: number): void {
    this.tallies.moveTo(nowMs)
    this.#window.expire(nowMs)
    this.#drops.publish()
    if (nowMs - this.#sweptMs < Math.min(SWEEP_MS, this.#options.forget_after / 4)) return
    this.#sweptMs = nowMs
    this.#pending.shrink()
    const { latestEventMs } = this.#intake
    if (latestEventMs > Number.NEGATIVE_INFINITY) this.tallies.setHorizon(latestEventMs)
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

  /** These services and all that they call, directly or not: where the cause of their trouble may lie. */
  reachable(services: readonly string[]): Set<string> {
    return this.#reach.reachable(services)
  }

  /** The direct callers of each of these services; `user` is none. */
  callersOfEach(services: Iterable<string>): Map<string, string[]> {
    return this.#reach.callersOfEach(services)
  }

  /** Ids of slow or failed traces through these services, in hex, newest first. */
  exemplars(services: readonly string[], sinceMs: number): string[] {
    const nodes = services.map((service) => this.#reach.node(service))
    return this.tallies.exemplars.list(nodes, sinceMs, EXEMPLARS)
  }

  /** String ids mean nothing once another table gives them: what waits on one is decided now. */
  #changeStrings(strings: StringTable): void {
    if (this.#strings !== undefined) {
      this.#window.close()
      this.#addresses.clear()
      this.#peers.clear()
      this.tallies.operations.forgetStringIds()
    }
    this.#strings = strings
  }
}
