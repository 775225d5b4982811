import type { SpanBatch } from '../telemetry/batch.ts'
import * as telemetry from '../telemetry/batch.ts'
import type { Resource } from '../telemetry/resource.ts'
import type { ClientSpans } from './client-spans.ts'
import type { Drops } from './drops.ts'
import { ErrorOrigins } from './error-origins.ts'
import { ExclusiveTime } from './exclusive-time.ts'
import * as bits from './flags.ts'
import type { HostClocks } from './host-clocks.ts'
import type { KnownPeers } from './known-peers.ts'
import * as nodes from './nodes.ts'
import * as pairing from './pairing.ts'
import type { GraphParts } from './parts.ts'
import type { PendingSpans } from './pending.ts'
import * as layout from './record.ts'
import * as spanKeys from './span-keys.ts'
import type { Tallies } from './tallies.ts'

// see pending.ts: compiled in, not read from the imports each time
const { Field, KEY_BITS, NONE, RECORD } = layout
const { FAILED, FAILED_CHILD, KIND, PLACEHOLDER } = bits
const { SpanKind, StatusCode } = telemetry
const { NodeStat } = nodes
const { BLOCK, KEY_WORDS } = spanKeys
const { MAX_LINKS } = pairing

const NO_SERVICE = -2
const userName = () => 'user'

/** Takes spans in: counts what each tells by itself, and shows it to the part that looks at its relatives. */
export class SpanIntake {
  /** End of the latest span that is not in the far future. */
  latestEventMs = Number.NEGATIVE_INFINITY
  readonly #historyMs: number
  readonly #tallies: Tallies
  readonly #pending: PendingSpans
  readonly #peers: KnownPeers
  readonly #drops: Drops
  readonly #nameOf: (id: number) => string
  readonly #clients: ClientSpans
  readonly #exclusive: ExclusiveTime
  readonly #origins: ErrorOrigins
  readonly #pairing: pairing.Pairing
  readonly #keys: spanKeys.SpanKeys
  readonly #clocks: HostClocks
  #nodeOfResource = new Int32Array(64)
  #hostOfResource = new Int32Array(64)

  constructor(parts: GraphParts, clients: ClientSpans) {
    this.#historyMs = parts.options.history
    this.#keys = new spanKeys.SpanKeys(parts.seed)
    this.#tallies = parts.tallies
    this.#pending = parts.pending
    this.#peers = parts.peers
    this.#drops = parts.drops
    this.#nameOf = parts.nameOf
    this.#clients = clients
    this.#clocks = parts.clocks
    this.#exclusive = new ExclusiveTime(parts.tallies, parts.pending, parts.clocks)
    this.#origins = new ErrorOrigins(parts.tallies, parts.pending)
    this.#pairing = new pairing.Pairing(parts, clients, this.#exclusive, this.#origins)
  }

  take(batch: SpanBatch): void {
    this.#resolve(batch.resources)
    const before = this.#tallies.operations.refused
    for (let from = 0; from < batch.length; from += BLOCK) {
      const to = Math.min(from + BLOCK, batch.length)
      this.#prepare(batch, from, to)
      for (let row = from; row < to; row++) this.#span(batch, row, (row - from) * KEY_WORDS)
    }
    const refused = this.#tallies.operations.refused - before
    if (refused > 0) this.#drops.add('operation_limit', refused)
  }

  #resolve(resources: readonly Resource[]): void {
    if (resources.length > this.#nodeOfResource.length) {
      this.#nodeOfResource = new Int32Array(resources.length * 2)
      this.#hostOfResource = new Int32Array(resources.length * 2)
    }
    for (let i = 0; i < resources.length; i++) {
      const service = resources[i]?.service ?? ''
      const node = service === '' ? NO_SERVICE : this.#tallies.node('service', service)
      if (node >= 0) this.#tallies.nodes.set(node, NodeStat.lastSeen, this.#tallies.nowMs)
      this.#nodeOfResource[i] = node
      this.#hostOfResource[i] = this.#clocks.host(resources[i]!, this.#tallies.nowMs)
    }
  }

  /** Makes the keys of a block of rows and brings near what they will look up. */
  #prepare(batch: SpanBatch, from: number, to: number): void {
    const { words } = this.#keys
    this.#keys.read(batch, from, to)
    // a span may need a place for itself and one for its parent
    const places = 2 * (to - from)
    if (this.#pending.full(places)) this.#pending.touchOldest(places)
    this.#pending.touch(words, 3, KEY_WORDS, (to - from) * KEY_WORDS)
    this.#pending.touch(words, 7, KEY_WORDS, (to - from) * KEY_WORDS)
  }

  /** Takes a row whose key is at `at`. */
  #span(batch: SpanBatch, row: number, at: number): void {
    const node = this.#nodeOfResource[batch.resource[row]!]!
    if (node < 0) {
      this.#drops.add(node === NO_SERVICE ? 'no_service' : 'node_limit')
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
    if (!known) record = pending.add(span0, span1, key[at + 2]!, key[at + 3]!)

    this.#setTimes(batch, row, record)
    const kind = batch.kind[row]!
    const failed = batch.failed[row] === 1 || batch.status[row] === StatusCode.error
    const operation = this.#tallies.operations.intern(node, batch.name[row]!, this.#nameOf)
    const o = record * RECORD
    const ints = pending.ints
    // of a placeholder only FAILED_CHILD is worth keeping
    ints[o + Field.flags] =
      (ints[o + Field.flags]! & (KEY_BITS | FAILED_CHILD)) | (kind & KIND) | (failed ? FAILED : 0)
    ints[o + Field.operation] = operation
    const count = batch.weight[row]!
    pending.floats[o + Field.weight] = count
    ints[o + Field.host] = this.#hostOfResource[batch.resource[row]!]!
    const duration = pending.duration(record)
    const slot = this.#tallies.slotOf(pending.end(record))

    const parent0 = key[at + 4]!
    const parent1 = key[at + 5]!
    const root =
      (batch.parent0[row] === 0 && batch.parent1[row] === 0) || (parent0 === span0 && parent1 === span1)
    const entry = root || kind === SpanKind.server || kind === SpanKind.consumer
    if (entry) this.#request(batch, row, node, slot, duration, failed)
    if (!root) this.#pairing.adopt(parent0, parent1, key[at + 6]!, key[at + 7]!, record)
    else if (kind === SpanKind.server) this.#userCall(node, slot, duration, failed, count)
    const client = kind === SpanKind.client || kind === SpanKind.producer
    if (client) this.#clients.came(batch, row, record, node, slot)
    else this.#exclusive.add(record, operation, slot)
    if (known) this.#pairing.meetChildren(record)
    if (failed && !client) this.#origins.failed(record)
    if (links > 0 && kind === SpanKind.consumer) this.#pairing.links(batch, row, record, this.#keys)
  }

  /** Times that can be reckoned with: a nonsense duration counts as 0, a nonsense start as now. */
  #setTimes(batch: SpanBatch, row: number, record: number): void {
    let start = batch.startMs[row]!
    let duration = batch.durationMs[row]!
    if (!(duration >= 0 && duration < Number.POSITIVE_INFINITY && start > 0)) {
      this.#drops.add('bad_duration')
      if (!(start > 0 && start < Number.POSITIVE_INFINITY)) start = this.#tallies.nowMs
      duration = 0
    }
    this.#pending.setTimes(record, start, duration)
    const end = start + duration
    if (end > this.latestEventMs && end < this.#tallies.nowMs + this.#historyMs) this.latestEventMs = end
  }

  #request(
    batch: SpanBatch,
    row: number,
    node: number,
    slot: number,
    duration: number,
    failed: boolean,
  ): void {
    this.#tallies.request(node, slot, duration, failed, batch.weight[row]!)
    if (!failed && duration <= this.#tallies.nodes.get(node, NodeStat.slow)) return
    this.#tallies.exemplars.add(
      node,
      batch.startMs[row]!,
      batch.trace0[row]!,
      batch.trace1[row]!,
      batch.trace2[row]!,
      batch.trace3[row]!,
    )
  }

  /** A SERVER root is called by the user. */
  #userCall(node: number, slot: number, duration: number, failed: boolean, count: number): void {
    const user = this.#peers.node('user', 0, userName, this.#tallies.nowMs)
    const edge = user < 0 ? -1 : this.#tallies.edge(user, node, 'user')
    if (edge < 0) return
    this.#tallies.nodes.set(user, NodeStat.lastSeen, this.#tallies.nowMs)
    this.#tallies.call(edge, slot, failed, count)
    this.#tallies.serverDuration(edge, duration, count)
  }
}
