/** What is given up as memory runs short, in this order; what comes later is given up together with all before it. */
export const SHED = ['exemplars', 'history', 'entities'] as const
export type Shed = (typeof SHED)[number]

/** Shares of the limit from which each is given up. */
const MARKS: readonly number[] = [0.75, 0.82, 0.9]
/** So far below its mark, and for so long, memory must be before something is taken up again. */
const MARGIN = 0.07
const RECOVER_MS = 30_000

/** Share from which V8 is kept from letting garbage pile up. */
export const FRUGAL = 0.65
/** Share from which room must be made at once: what is left takes up what comes until the next collection. */
export const URGENT = 0.85

/**
 * From how much memory is used to how much is given up. Garbage is no use: it rises by readings that follow a collection of garbage
 * only, and at once as far as they say; a step at a time where garbage piles up faster than it can be collected. It falls a step at a
 * time, when all readings of half a minute were well below the mark. Pure: readings and the time come with the calls.
 */
export class SheddingPolicy {
  #level = 0
  /** Since when readings are low enough for the level below. */
  #lowMs: number | undefined

  /**
   * @returns how many of SHED are given up
   * @param collected the reading follows a collection of garbage; `urgent`: one that could not wait, so soon after another
   */
  observe(share: number, collected: { readonly urgent: boolean } | undefined, nowMs: number): number {
    if (collected !== undefined) {
      const wanted = MARKS.filter((mark) => share >= mark).length
      this.#level = Math.min(SHED.length, Math.max(this.#level + (collected.urgent ? 1 : 0), wanted))
    }
    const mark = MARKS[this.#level - 1]
    if (mark === undefined || share >= mark - MARGIN) {
      this.#lowMs = undefined
      return this.#level
    }
    this.#lowMs ??= nowMs
    if (nowMs - this.#lowMs >= RECOVER_MS) {
      this.#level--
      this.#lowMs = undefined
    }
    return this.#level
  }
}
