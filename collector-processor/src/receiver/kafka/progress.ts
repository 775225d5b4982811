/** Marks closer together in time are one. */
const MARK_EVERY_MS = 100
/** Past it every second mark is given up: what is committed then is a little older. */
const MOST_MARKS = 8192

interface Mark {
  /** Offset after the message. */
  readonly offset: number
  /** Time of windows when it was taken. */
  readonly atMs: number
}

/**
 * How far a partition is taken, and how far its effects may be relied on. A span is in windows that are not scored yet for a while after it
 * came; only what is older than that may be committed, else a crash would leave those windows without it.
 */
export class Progress {
  /** Offset after the last message that was taken. */
  taken: number
  /** Offset that was committed last, as far as this process knows. */
  committed: number
  #marks: Mark[] = []
  /** Offsets of messages that were put aside and are not yet where they belong. */
  readonly #aside = new Set<number>()

  constructor(position: number) {
    this.taken = position
    this.committed = position
  }

  take(offset: number, atMs: number): void {
    this.taken = offset + 1
    const last = this.#marks.at(-1)
    if (last !== undefined && atMs - last.atMs < MARK_EVERY_MS)
      this.#marks[this.#marks.length - 1] = { offset: this.taken, atMs: last.atMs }
    else this.#marks.push({ offset: this.taken, atMs })
    if (this.#marks.length > MOST_MARKS) this.#marks = this.#marks.filter((_, at) => at % 2 === 1)
  }

  /** Nothing from this message on is settled until it `arrived` where it was put. */
  putAside(offset: number): void {
    this.#aside.add(offset)
  }

  arrived(offset: number): void {
    this.#aside.delete(offset)
  }

  /** Offset up to which all was taken at least `holdMs` before `nowMs`. */
  settled(nowMs: number, holdMs: number): number {
    let at = this.#marks.length
    // A mark stands for what came within MARK_EVERY_MS after it.
    while (at > 0 && this.#marks[at - 1]!.atMs + MARK_EVERY_MS > nowMs - holdMs) at--
    const settled = at === 0 ? this.committed : this.#marks[at - 1]!.offset
    let first = settled
    for (const offset of this.#aside) if (offset < first) first = offset
    return Math.max(first, this.committed)
  }

  commit(offset: number): void {
    this.committed = offset
    const keep = this.#marks.findIndex((mark) => mark.offset > offset)
    this.#marks = keep < 0 ? [] : this.#marks.slice(keep)
  }
}
