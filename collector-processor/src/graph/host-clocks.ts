import type { Resource } from '../telemetry/resource.ts'
import { RecentMap, type Seen } from './recent-map.ts'

const MAX_HOSTS = 8192
/** Pairs of hosts; a power of two. */
const PLACES = 4096
/** Clocks drift apart by as much, ms each ms: a hundred parts in a million. */
const DRIFT = 1e-4
/** Calls that agree before they are believed. */
const SURE = 3
/** Calls in a row that contradict what is known before a clock is taken to have been set. */
const STRIKES = 8
const MAX_USE = 1000

interface Host extends Seen {
  readonly name: string
  readonly number: number
}

/** How far the clock of `server` is ahead of that of `client`, ms, give or take `error_ms`. */
interface ClockOffset {
  readonly client: string
  readonly server: string
  readonly offset_ms: number
  readonly error_ms: number
}

/**
 * Offsets between the clocks of hosts, from calls between them. A server's span lies within its client's, so that each call bounds the
 * offset from both sides: ends of the spans from below, starts from above. What all calls allow is the intersection; it is widened with
 * time, since clocks drift. As long as no offset at all is possible, none is assumed. A call whose server goes on after its client gave up
 * contradicts the others: one is passed over, eight in a row mean that a clock was set.
 *
 * Pairs have places by their hash; a pair takes another's place once that was used less often. Hosts come from `host.name`, else
 * `k8s.node.name`.
 */
export class HostClocks {
  readonly #hosts: RecentMap<Host>
  readonly #names: string[] = ['']
  readonly #free: number[] = []
  /** Lower number * 2^16 + higher number; 0 = free. */
  readonly #pairs = new Uint32Array(PLACES)
  readonly #low = new Float64Array(PLACES)
  readonly #high = new Float64Array(PLACES)
  readonly #seenMs = new Float64Array(PLACES)
  readonly #use = new Uint16Array(PLACES)
  readonly #agreed = new Uint8Array(PLACES)
  readonly #strikes = new Uint8Array(PLACES)

  /** @param evicted told of each host that gives way to another */
  constructor(evicted: () => void) {
    this.#hosts = new RecentMap<Host>(MAX_HOSTS, ({ number }) => {
      this.#forget(number)
      evicted()
    })
  }

  /** Number of the host that a resource names; 0 when it names none. */
  host({ attributes }: Resource, nowMs: number): number {
    const name = attributes.get('host.name') || attributes.get('k8s.node.name')
    return name ? this.#named(name, nowMs) : 0
  }

  /** What somebody else is sure of. */
  learn({ client, server, offset_ms, error_ms }: ClockOffset, nowMs: number): void {
    this.observe(
      this.#named(client, nowMs),
      this.#named(server, nowMs),
      offset_ms - error_ms,
      offset_ms + error_ms,
      nowMs,
    )
  }

  #named(name: string, nowMs: number): number {
    return this.#hosts.see(name, nowMs, () => this.#make(name, nowMs)).number
  }

  /** A call from one host to another: by its ends and starts the server's clock is ahead by at least `least` and at most `most` ms. */
  observe(client: number, server: number, least: number, most: number, nowMs: number): void {
    // longer than its client's: no call that was waited for
    if (!(least <= most)) return
    const turned = client > server
    const [low, high] = turned ? [-most, -least] : [least, most]
    const place = this.#take(pairOf(client, server))
    if (place < 0) return
    if (this.#agreed[place] === 0) {
      this.#begin(place, low, high, nowMs)
      return
    }
    const widening = DRIFT * Math.max(0, nowMs - this.#seenMs[place]!)
    const [oldLow, oldHigh] = [this.#low[place]! - widening, this.#high[place]! + widening]
    this.#seenMs[place] = nowMs
    if (low > oldHigh || high < oldLow) {
      this.#low[place] = oldLow
      this.#high[place] = oldHigh
      if (++this.#strikes[place]! >= STRIKES) this.#begin(place, low, high, nowMs)
      return
    }
    this.#strikes[place] = 0
    this.#low[place] = Math.max(low, oldLow)
    this.#high[place] = Math.min(high, oldHigh)
    if (this.#agreed[place]! < SURE) this.#agreed[place]!++
  }

  /** How far the clock of one host is ahead of another's, ms; 0 when nobody knows, or when none need be assumed. */
  ahead(host: number, of: number): number {
    if (host === of || host === 0 || of === 0) return 0
    const pair = pairOf(host, of)
    const place = placeOf(pair)
    if (this.#pairs[place] !== pair || this.#agreed[place]! < SURE) return 0
    const [low, high] = [this.#low[place]!, this.#high[place]!]
    if (low <= 0 && high >= 0) return 0
    const offset = (low + high) / 2
    return host > of ? offset : -offset
  }

  /** The pairs whose clocks are off for sure. */
  *offsets(): IterableIterator<ClockOffset> {
    for (let place = 0; place < PLACES; place++) {
      const pair = this.#pairs[place]!
      const [client, server] = [pair >>> 16, pair & 0xffff]
      const offset_ms = this.ahead(server, client)
      if (pair === 0 || offset_ms === 0) continue
      const error_ms = (this.#high[place]! - this.#low[place]!) / 2
      yield { client: this.#names[client] ?? '', server: this.#names[server] ?? '', offset_ms, error_ms }
    }
  }

  #make(name: string, nowMs: number): Host {
    const number = this.#free.pop() ?? this.#names.length
    this.#names[number] = name
    return { name, number, lastSeenMs: nowMs }
  }

  #forget(number: number): void {
    this.#free.push(number)
    for (let place = 0; place < PLACES; place++) {
      const pair = this.#pairs[place]!
      if (pair >>> 16 === number || (pair & 0xffff) === number) this.#pairs[place] = 0
    }
  }

  /** The place of a pair; -1 as long as another is used more. */
  #take(pair: number): number {
    const place = placeOf(pair)
    if (this.#pairs[place] === pair) {
      if (this.#use[place]! < MAX_USE) this.#use[place]!++
      return place
    }
    if (this.#pairs[place] !== 0 && this.#use[place]! > 0) {
      this.#use[place]!--
      return -1
    }
    this.#pairs[place] = pair
    this.#use[place] = 1
    this.#agreed[place] = 0
    return place
  }

  #begin(place: number, low: number, high: number, nowMs: number): void {
    this.#low[place] = low
    this.#high[place] = high
    this.#seenMs[place] = nowMs
    this.#agreed[place] = 1
    this.#strikes[place] = 0
  }
}

function pairOf(a: number, b: number): number {
  return (Math.min(a, b) << 16) | Math.max(a, b)
}

function placeOf(pair: number): number {
  return Math.imul(pair, 0x9e3779b1) >>> 20
}
