import { grown } from './slots.ts'

const OTHER = '(other)'

/** Numbers kept for each operation; `useW`, spans of it, is weighted for exponential forgetting. */
export const OperationStat = { useW: 0, firstSeen: 1, lastSeen: 2 } as const
const STATS = 3
const { useW, lastSeen } = OperationStat

/**
 * Operations (span names of a node) by number, with a cache from node and string id, so that a known one costs no string.
 * At most `limit` for one node; further ones share `(other)`.
 */
export class OperationTable {
  readonly #limit: number
  readonly #byKey = new Map<string, number>()
  readonly #names: string[] = []
  readonly #nodes: number[] = []
  readonly #ofNode = new Map<number, number[]>()
  readonly #free: number[] = []
  /** Pairs of key words and the operation + 1; open addressing. */
  #cache = new Int32Array(1024 * 4)
  #cached = 0
  /** Names that went to `(other)`. */
  refused = 0
  /** Nodes of which names were refused, and in which no room was made since. */
  readonly full = new Set<number>()
  /** What a span weighs now, and when now is. */
  weight = 1
  nowMs = 0
  #stats = new Float64Array(1024 * STATS)

  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#byKey.size
  }

  intern(node: number, nameId: number, name: (id: number) => string): number {
    const mask = this.#cache.length / 4 - 1
    let at = slotOf(node, nameId) & mask
    for (;;) {
      const operation = this.#cache[at * 4 + 2]!
      if (operation === 0) break
      if (this.#cache[at * 4] === node && this.#cache[at * 4 + 1] === nameId) return this.#use(operation - 1)
      at = (at + 1) & mask
    }
    const operation = this.#make(node, name(nameId))
    if (++this.#cached * 2 > mask) this.#growCache()
    this.#enter(node, nameId, operation)
    return this.#use(operation)
  }

  /** The operation of this name, made when it is new; `spans` of it came. */
  named(node: number, name: string, spans: number): number {
    const operation = this.#make(node, name)
    const at = operation * STATS
    this.#stats[at + useW] = this.#stats[at + useW]! + this.weight * spans
    this.#stats[at + lastSeen] = this.nowMs
    return operation
  }

  /** Its spans since this was asked last, for a table that does not decay. */
  takeUse(operation: number): number {
    const at = operation * STATS + useW
    const spans = this.#stats[at]!
    this.#stats[at] = 0
    return spans
  }

  get(operation: number, stat: number): number {
    return this.#stats[operation * STATS + stat]!
  }

  /** Whether it stands for names that were refused. */
  stands(operation: number): boolean {
    return this.#names[operation] === OTHER
  }

  scale(factor: number): void {
    for (let at = useW; at < this.#stats.length; at += STATS) this.#stats[at] = this.#stats[at]! * factor
  }

  #use(operation: number): number {
    const at = operation * STATS
    this.#stats[at + useW] = this.#stats[at + useW]! + this.weight
    this.#stats[at + lastSeen] = this.nowMs
    return operation
  }

  name(operation: number): string {
    return this.#names[operation] ?? ''
  }

  node(operation: number): number {
    return this.#nodes[operation]!
  }

  of(node: number): readonly number[] {
    return this.#ofNode.get(node) ?? []
  }

  /** Forgets operations of a node. Call `forgetStringIds` after the last: it is not cheap. */
  forget(node: number, gone: readonly number[]): void {
    for (const operation of gone) {
      this.#byKey.delete(`${node}\n${this.name(operation)}`)
      this.#free.push(operation)
    }
    const left = this.of(node).filter((operation) => !gone.includes(operation))
    if (gone.length > 0) this.full.delete(node)
    if (left.length === 0) this.#ofNode.delete(node)
    else this.#ofNode.set(node, left)
  }

  /** Call when string ids come from another table from now on, or when operations were forgotten. */
  forgetStringIds(): void {
    this.#cache.fill(0)
    this.#cached = 0
  }

  #make(node: number, name: string): number {
    const known = this.#byKey.get(`${node}\n${name}`)
    if (known !== undefined) return known
    const siblings = this.#ofNode.get(node) ?? []
    if (siblings.length >= this.#limit && name !== OTHER) {
      this.refused++
      this.full.add(node)
      return this.#make(node, OTHER)
    }
    const operation = this.#free.pop() ?? this.#names.length
    this.#names[operation] = name
    this.#nodes[operation] = node
    siblings.push(operation)
    this.#ofNode.set(node, siblings)
    this.#byKey.set(`${node}\n${name}`, operation)
    if ((operation + 1) * STATS > this.#stats.length)
      this.#stats = grown(this.#stats, (operation + 1) * STATS)
    this.#stats.fill(0, operation * STATS, (operation + 1) * STATS)
    this.#stats[operation * STATS + OperationStat.firstSeen] = this.nowMs
    return operation
  }

  #enter(node: number, nameId: number, operation: number): void {
    const mask = this.#cache.length / 4 - 1
    let at = slotOf(node, nameId) & mask
    while (this.#cache[at * 4 + 2] !== 0) at = (at + 1) & mask
    this.#cache[at * 4] = node
    this.#cache[at * 4 + 1] = nameId
    this.#cache[at * 4 + 2] = operation + 1
  }

  #growCache(): void {
    const old = this.#cache
    this.#cache = new Int32Array(old.length * 2)
    for (let i = 0; i < old.length; i += 4)
      if (old[i + 2] !== 0) this.#enter(old[i]!, old[i + 1]!, old[i + 2]! - 1)
  }
}

function slotOf(node: number, nameId: number): number {
  const h = Math.imul(nameId, 0x9e3779b1) ^ Math.imul(node, 0x85ebca6b)
  return h ^ (h >>> 15)
}
