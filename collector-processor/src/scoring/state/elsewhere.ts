import type { Fence } from '../../store/shard.ts'

/** Told at most so often: a topic that nothing keys has thousands of them. */
const TELL_EVERY_MS = 60_000

/** Entities that are at home in another shard than the one that telemetry of them came in. Asked again after a while. */
export class Elsewhere {
  readonly #limit: number
  readonly #againMs: number
  readonly #until = new Map<string, { readonly fence: Fence; readonly untilMs: number }>()
  #toldMs = Number.NEGATIVE_INFINITY

  /** @param staleAfterMs silence after which an entity may move */
  constructor(limit: number, staleAfterMs: number) {
    this.#limit = limit
    this.#againMs = Math.max(1000, staleAfterMs / 4)
  }

  has(stream: string, entityId: string, fence: Fence, nowMs: number): boolean {
    if (this.#until.size === 0) return false
    const key = keyOf(stream, entityId)
    const known = this.#until.get(key)
    if (known === undefined || known.fence !== fence) return false
    if (nowMs < known.untilMs) return true
    this.#until.delete(key)
    return false
  }

  /** @returns whether people are to be told */
  add(stream: string, entityId: string, fence: Fence, nowMs: number): boolean {
    if (this.#until.size >= this.#limit) this.#until.clear()
    this.#until.set(keyOf(stream, entityId), { fence, untilMs: nowMs + this.#againMs })
    if (nowMs - this.#toldMs < TELL_EVERY_MS) return false
    this.#toldMs = nowMs
    return true
  }

  forget(fence: Fence): void {
    for (const [key, one] of this.#until) if (one.fence === fence) this.#until.delete(key)
  }
}

const keyOf = (stream: string, entityId: string) => `${stream}\u0000${entityId}`
