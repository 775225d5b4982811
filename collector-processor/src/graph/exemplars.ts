/** Traces kept for each node. */
const KEPT = 16

/** The last slow or failed traces of each node, as ids; a ring for each, so that a busy node cannot push others out. */
export class Exemplars {
  /** Traces given up, or not kept, for want of memory. */
  dropped = 0
  #closed = false
  #words = new Uint32Array(0)
  #times = new Float64Array(0)
  #next = new Uint8Array(0)

  add(node: number, timeMs: number, t0: number, t1: number, t2: number, t3: number): void {
    if (this.#closed) {
      this.dropped++
      return
    }
    if (node >= this.#next.length) this.#grow(node + 1)
    const at = node * KEPT + this.#next[node]!
    this.#next[node] = (this.#next[node]! + 1) % KEPT
    this.#times[at] = timeMs
    this.#words.set([t0, t1, t2, t3], at * 4)
  }

  addHex(node: number, timeMs: number, trace: string): void {
    const word = (at: number) => Number.parseInt(trace.slice(at * 8, at * 8 + 8), 16)
    this.add(node, timeMs, word(0), word(1), word(2), word(3))
  }

  /** Traces of a node with their times, oldest first; it has none then. */
  take(node: number): [number, string][] {
    if (node >= this.#next.length) return []
    const taken: [number, string][] = []
    for (let at = node * KEPT; at < (node + 1) * KEPT; at++)
      if (this.#times[at]! > 0) taken.push([this.#times[at]!, this.#hex(at)])
    this.forget(node)
    return taken.sort(([one], [other]) => one - other)
  }

  /** Trace ids in hex, newest first, each once, at most `limit`. */
  list(nodes: readonly number[], sinceMs: number, limit: number): string[] {
    const found: { time: number; at: number }[] = []
    for (const node of nodes) {
      if (node < 0 || node >= this.#next.length) continue
      for (let at = node * KEPT; at < (node + 1) * KEPT; at++) {
        const time = this.#times[at]!
        if (time > 0 && time >= sinceMs) found.push({ time, at })
      }
    }
    found.sort((a, b) => b.time - a.time)
    const ids = new Set<string>()
    for (const { at } of found) {
      if (ids.size >= limit) break
      ids.add(this.#hex(at))
    }
    return [...ids]
  }

  forget(node: number): void {
    if (node < this.#next.length) this.#times.fill(0, node * KEPT, (node + 1) * KEPT)
  }

  /** Memory is short: gives up all traces and keeps none, until told otherwise. */
  shed(on: boolean): void {
    this.#closed = on
    if (!on) return
    for (const time of this.#times) if (time > 0) this.dropped++
    this.#words = new Uint32Array(0)
    this.#times = new Float64Array(0)
    this.#next = new Uint8Array(0)
  }

  #hex(at: number): string {
    return Array.from(this.#words.subarray(at * 4, at * 4 + 4), (w) => w.toString(16).padStart(8, '0')).join(
      '',
    )
  }

  #grow(nodes: number): void {
    const length = Math.max(nodes, this.#next.length * 2, 16)
    const words = new Uint32Array(length * KEPT * 4)
    words.set(this.#words)
    this.#words = words
    const times = new Float64Array(length * KEPT)
    times.set(this.#times)
    this.#times = times
    const next = new Uint8Array(length)
    next.set(this.#next)
    this.#next = next
  }
}
