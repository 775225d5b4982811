import type { Graph, GraphOperations, SpanSummary } from '@adf/contract'
import { Gauge, Registry } from 'prom-client'
import type { EvidenceWindow } from '../rootcause/evidence.ts'
import type { SpanBatch } from '../telemetry/batch.ts'
import type { Resource } from '../telemetry/resource.ts'
import type { StringTable } from '../telemetry/strings.ts'
import { AddressBook } from './addresses.ts'
import { ClientSpans } from './client-spans.ts'
import { Drops } from './drops.ts'
import { Eviction } from './eviction.ts'
import { gatherEvidence } from './evidence/gather.ts'
import { Screening } from './evidence/screening.ts'
import { HostClocks } from './host-clocks.ts'
import { KnownPeers } from './known-peers.ts'
import { listOperations } from './operation-list.ts'
import type { GraphOptions } from './options.ts'
import { PairingWindow } from './pairing-window.ts'
import { PendingSpans } from './pending.ts'
import { Reach } from './reach.ts'
import { Relations, type Sight } from './relations.ts'
import { graphSlices } from './slices.ts'
import { takeSnapshot } from './snapshot.ts'
import { SpanIntake } from './span-intake.ts'
import { type KeySeed, UNSEEDED } from './span-keys.ts'
import { addTallies } from './summary/add.ts'
import { sightOf } from './summary/sights.ts'
import { NodeSlot, Tallies } from './tallies.ts'

/** Of a graph that learns for a part of another one: that one counts what is dropped. */
interface PartOf {
  readonly drops: Drops
  readonly told: (service: string, sight: Sight) => void
}

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
  readonly relations: Relations
  readonly clocks: HostClocks
  readonly drops: Drops
  readonly seed: KeySeed
  /** Graphs that learn for parts of this one, and hand on what they learn. */
  readonly shares = new Set<CausalGraph>()
  readonly #options: GraphOptions
  readonly #pending: PendingSpans
  readonly #addresses: AddressBook
  readonly #peers: KnownPeers
  readonly #intake: SpanIntake
  readonly #window: PairingWindow
  readonly #reach: Reach
  readonly #screening: Screening
  readonly #eviction: Eviction
  #strings: StringTable | undefined
  #sweptMs = Number.NEGATIVE_INFINITY
  #addedMs = Number.NEGATIVE_INFINITY

  /** @param seed secret, where others choose the ids of the spans */
  constructor(options: GraphOptions, of: Registry | PartOf, seed: KeySeed = UNSEEDED) {
    this.#options = options
    this.seed = seed
    this.drops = of instanceof Registry ? new Drops(of) : of.drops
    this.tallies = new Tallies(options, this.drops)
    const limited = () => this.drops.add('relation_limit')
    this.relations = new Relations(
      options.max_nodes * 2,
      options.config_keys,
      limited,
      of instanceof Registry ? undefined : of.told,
    )
    this.#pending = new PendingSpans(options.max_pending_spans, (record) => this.#window.evicted(record))
    this.#addresses = new AddressBook(options.max_nodes * 4)
    this.#peers = new KnownPeers(this.tallies.nodes)
    this.clocks = new HostClocks(limited)
    const parts = {
      options,
      seed,
      clocks: this.clocks,
      tallies: this.tallies,
      pending: this.#pending,
      addresses: this.#addresses,
      peers: this.#peers,
      drops: this.drops,
      nameOf: (id: number) => this.#strings?.get(id) ?? '',
    }
    const clients = new ClientSpans(parts)
    this.#intake = new SpanIntake(parts, clients)
    this.#window = new PairingWindow(parts, clients)
    this.#reach = new Reach(this.tallies)
    this.#screening = new Screening(this.tallies)
    this.#eviction = new Eviction(options, this.tallies, this.drops)
    if (of instanceof Registry) this.#showSizes(of)
  }

  #showSizes(registry: Registry): void {
    const sizes = new Gauge({
      name: 'adf_graph_size',
      help: 'Nodes, edges, operations, pending spans and placements of instances held by the causal graph.',
      labelNames: ['what'],
      registers: [registry],
      collect: () => {
        sizes.set({ what: 'nodes' }, this.tallies.nodes.size)
        sizes.set({ what: 'edges' }, this.tallies.edges.size)
        sizes.set({ what: 'operations' }, this.tallies.operations.size)
        sizes.set({ what: 'pending_spans' }, this.#waiting)
        sizes.set({ what: 'placements' }, this.relations.placements.size)
      },
    })
  }

  /** Takes the spans of one request, and marks those that came before. The batch is read during the call only. */
  spans(batch: SpanBatch, arrivalMs: number): void {
    this.tallies.moveTo(arrivalMs)
    this.#window.expire(arrivalMs)
    if (this.#strings !== batch.strings) this.#changeStrings(batch.strings)
    this.relations.see(batch.resources, arrivalMs)
    this.#intake.take(batch)
    this.#window.mark(arrivalMs)
    this.drops.publish()
  }

  /** Learns from resources of metrics and logs what runs where and what was deployed. */
  resources(resources: readonly Resource[], arrivalMs: number): void {
    this.relations.see(resources, arrivalMs)
  }

  /** Takes what a part of its spans told until `atMs`. Time may not go back by more than decay forgives: a step or two. */
  add(summary: SpanSummary, atMs: number): void {
    this.tallies.moveTo(atMs)
    addTallies(this.tallies, summary)
    for (const sight of summary.sights) this.relations.tell(sight.service, sightOf(sight), atMs)
    for (const clock of summary.clocks) this.clocks.learn(clock, atMs)
    this.#addedMs = Math.max(this.#addedMs, summary.latest_at ?? Number.NEGATIVE_INFINITY)
    this.drops.publish()
  }

  /** End of the latest span that is not in the far future. */
  get latestEventMs(): number {
    return Math.max(this.#intake.latestEventMs, this.#addedMs)
  }

  get #waiting(): number {
    let waiting = this.#pending.size
    for (const share of this.shares) waiting += share.#pending.size
    return waiting
  }

  /** Goes on with the deployments of a graph that was kept before a restart. */
  restoreChanges(changes: Graph['changes']): void {
    this.relations.deployments.restore(
      changes.map(({ at, ...change }) => ({ ...change, atMs: Date.parse(at) })),
    )
  }

  /** Gives up on spans past the pairing window and forgets what went quiet. Call about every step. */
  advance(nowMs: number): void {
    this.tallies.moveTo(nowMs)
    this.#window.expire(nowMs)
    this.#forget(this.#eviction.makeRoom(nowMs))
    this.drops.publish()
    const { latestEventMs } = this
    if (latestEventMs > Number.NEGATIVE_INFINITY) this.#screening.learn(this.tallies.slotOf(latestEventMs))
    if (nowMs - this.#sweptMs < Math.min(SWEEP_MS, this.#options.forget_after / 4)) return
    this.#sweptMs = nowMs
    this.#pending.shrink()
    if (latestEventMs > Number.NEGATIVE_INFINITY) this.tallies.setHorizon(latestEventMs)
    this.relations.forgetBefore(nowMs - this.#options.forget_after)
    this.#forget(this.tallies.sweep())
  }

  /** The graph as it stands, as the API gives it. */
  snapshot(nowMs: number): Graph {
    this.tallies.moveTo(nowMs)
    return takeSnapshot(this.tallies, this.relations, this.clocks, nowMs)
  }

  /** The same in pieces that joined are one graph: whoever takes them may let other work go on in between. */
  slices(nowMs: number): IterableIterator<Partial<Graph>> {
    this.tallies.moveTo(nowMs)
    return graphSlices(this.tallies, this.relations, this.clocks, nowMs)
  }

  /** What goes on within a service; undefined when there is none of this id. */
  operations(service: string, nowMs: number): GraphOperations | undefined {
    this.tallies.moveTo(nowMs)
    const node = this.tallies.nodes.find('service', service)
    return node < 0 ? undefined : listOperations(this.tallies, this.#options, node, nowMs)
  }

  /** What the ranking reads: slots of event time from `fromMs` to `nowMs` as window, those before as history. */
  evidence(fromMs: number, nowMs: number): EvidenceWindow {
    return gatherEvidence(this.tallies, this.relations, this.#screening, this.#options, fromMs, nowMs)
  }

  /** Requests that a service served, by slot number of event time; undefined for a service that is not in the graph. */
  requestsBySlot(service: string): ReadonlyMap<number, number> | undefined {
    const node = this.#reach.node(service)
    if (node < 0) return undefined
    const requests = new Map<number, number>()
    this.tallies.nodeSlots.each(node, (slot, read) => requests.set(slot, read(NodeSlot.requests)))
    return requests
  }

  /** Services that call one of these, directly or not, sorted; one of these itself only if it calls another. */
  blastRadius(services: readonly string[]): string[] {
    return this.#reach.callersOf(services)
  }

  /** Where trouble in these services is felt: they themselves, all that call them, directly or not, and what they call. */
  around(services: readonly string[]): ReadonlySet<string> {
    return this.#reach.around(services)
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

  /** Nodes went: what remembers them by their numbers must not take others for them. */
  #forget(gone: readonly number[]): void {
    if (gone.length === 0) return
    this.#peers.clear()
    this.#addresses.forget(new Set(gone))
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
