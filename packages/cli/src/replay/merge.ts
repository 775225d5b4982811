import type { Recorded, RecordedSignal, Recording } from './record.ts'

/** A file is opened when the merge comes so near to its first record: records before that one are not missed. */
const OPEN_AHEAD_MS = 120_000

interface Reader {
  readonly recording: Recording
  readonly chunks: AsyncIterator<readonly Recorded[]>
  chunk: readonly Recorded[]
  at: number
}

/**
 * Merges files by the time of their records. Only files that overlap (or begin within two minutes) are open at once; a file
 * whose first record is more than two minutes later than its earliest gives its earlier ones late.
 */
export class Merge {
  readonly #closed: Recording[]
  readonly #passed: (bytes: number) => void
  readonly #open: Reader[] = []
  #taking: Reader | undefined
  #until = 0

  constructor(recordings: readonly Recording[], passed: (bytes: number) => void) {
    this.#closed = recordings.toSorted((a, b) => a.fromMs - b.fromMs)
    this.#passed = passed
  }

  /** Makes records ready for `take`. False: there are none left. */
  async fill(): Promise<boolean> {
    for (let i = 0; i < this.#open.length; ) {
      const reader = this.#open[i]!
      if (reader.at < reader.chunk.length || (await advance(reader))) i++
      else this.#open.splice(i, 1)
    }
    await this.#openNext()
    let [first, second] = [this.#open[0], Number.POSITIVE_INFINITY]
    if (first === undefined) return false
    for (const reader of this.#open.slice(1)) {
      if (head(reader) < head(first)) {
        second = head(first)
        first = reader
      } else second = Math.min(second, head(reader))
    }
    this.#taking = first
    this.#until = Math.min(second, (this.#closed[0]?.fromMs ?? Number.POSITIVE_INFINITY) - OPEN_AHEAD_MS)
    // At least one, so that the merge goes on when two begin at the same time.
    this.#until = Math.max(this.#until, head(first))
    return true
  }

  /** The next record; undefined: call `fill` again. */
  take(): Recorded | undefined {
    const reader = this.#taking
    const record = reader?.chunk[reader.at]
    if (reader === undefined || record === undefined || record.timeMs > this.#until) return undefined
    reader.at++
    return record
  }

  /** No record of this signal that is still to come is earlier; Infinity: none comes. */
  noneBefore(signal: RecordedSignal): number {
    let earliest = Number.POSITIVE_INFINITY
    for (const reader of this.#open) {
      if (!reader.recording.signals.has(signal)) continue
      // At the end of a chunk what follows is not known yet.
      const next = reader.chunk[reader.at] ?? reader.chunk.at(-1)
      earliest = Math.min(earliest, next?.timeMs ?? Number.NEGATIVE_INFINITY)
    }
    for (const recording of this.#closed)
      if (recording.signals.has(signal)) return Math.min(earliest, recording.fromMs)
    return earliest
  }

  async #openNext(): Promise<void> {
    for (;;) {
      const next = this.#closed[0]
      if (next === undefined) return
      const now = this.#open.reduce(
        (least, reader) => Math.min(least, head(reader)),
        Number.POSITIVE_INFINITY,
      )
      if (next.fromMs - OPEN_AHEAD_MS > now) return
      this.#closed.shift()
      const chunks = next.read(this.#passed)[Symbol.asyncIterator]()
      const reader = { recording: next, chunks, chunk: [], at: 0 }
      if (await advance(reader)) this.#open.push(reader)
    }
  }
}

const head = ({ chunk, at }: Reader) => chunk[at]?.timeMs ?? Number.POSITIVE_INFINITY

async function advance(reader: Reader): Promise<boolean> {
  for (;;) {
    const { value, done } = await reader.chunks.next()
    if (done === true) return false
    reader.chunk = value
    reader.at = 0
    if (value.length > 0) return true
  }
}
