/** Agreeing pairs after which an address stands for a service. */
const SURE = 3
const MOST = 100
const SETTLED = 1024

/**
 * Which service answers at an address, learned from paired spans. An address behind which several services stand (a
 * gateway) never becomes sure. At most `limit` addresses; when full, all that are unsure go first, then no more come in.
 */
export class AddressBook {
  readonly #limit: number
  /** String id of the address -> node * (MOST + 1) + confidence. */
  readonly #known = new Map<number, number>()
  /** Pairs of address and node that agree to the utmost, direct-mapped: nothing is learned from seeing them again. */
  readonly #settled = new Int32Array(SETTLED * 2).fill(-1)

  constructor(limit: number) {
    this.#limit = limit
  }

  learn(address: number, node: number): void {
    const place = (address & (SETTLED - 1)) * 2
    if (this.#settled[place] === address && this.#settled[place + 1] === node) return
    const entry = this.#known.get(address)
    if (entry === undefined) {
      if (this.#known.size >= this.#limit) this.#makeRoom()
      if (this.#known.size < this.#limit) this.#known.set(address, node * (MOST + 1) + 1)
      return
    }
    const confidence = entry % (MOST + 1)
    if (entry - confidence === node * (MOST + 1)) {
      if (confidence < MOST) this.#known.set(address, entry + 1)
      else {
        this.#settled[place] = address
        this.#settled[place + 1] = node
      }
      return
    }
    if (this.#settled[place] === address) this.#settled[place] = -1
    if (confidence > 1) {
      // falls much faster than it rises: two services in turn must not look like one
      this.#known.set(address, entry - confidence + Math.floor(confidence / 4))
    } else this.#known.set(address, node * (MOST + 1) + 1)
  }

  /** The node that answers at the address, or -1. */
  node(address: number): number {
    const entry = this.#known.get(address)
    if (entry === undefined || entry % (MOST + 1) < SURE) return -1
    return Math.floor(entry / (MOST + 1))
  }

  forget(nodes: ReadonlySet<number>): void {
    this.#settled.fill(-1)
    for (const [address, entry] of this.#known)
      if (nodes.has(Math.floor(entry / (MOST + 1)))) this.#known.delete(address)
  }

  clear(): void {
    this.#settled.fill(-1)
    this.#known.clear()
  }

  #makeRoom(): void {
    for (const [address, entry] of this.#known) if (entry % (MOST + 1) < SURE) this.#known.delete(address)
  }
}
