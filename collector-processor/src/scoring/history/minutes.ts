import { BLOCK_MINUTES, levelOf, MINUTE_MS, NO_LEVEL } from '../../store/score-block.ts'
import type { LevelBuffers } from './level-buffers.ts'

/** One block of minutes, numbered from 1970 on. */
export interface RunningBlock {
  block: number
  levels: Uint8Array
  /** Not stored as it is. */
  dirty: boolean
}

/**
 * Largest severity of each minute of one entity, until it is stored: the running block and the one before, for what comes a little
 * late. 0.4 kB a block; nothing is allocated but with a new block, once in six hours.
 */
export class SeverityMinutes {
  #latest: RunningBlock
  #earlier: RunningBlock | undefined
  readonly #buffers: LevelBuffers

  constructor(timeMs: number, buffers: LevelBuffers) {
    this.#buffers = buffers
    this.#latest = this.#begin(Math.floor(timeMs / MINUTE_MS / BLOCK_MINUTES))
  }

  /** False when there is no room for the minute: it is older than both blocks, or these wait to be stored. */
  record(timeMs: number, severity: number): boolean {
    const minute = Math.floor(timeMs / MINUTE_MS)
    const block = Math.floor(minute / BLOCK_MINUTES)
    const running = this.#latest.block === block ? this.#latest : this.#roomFor(block)
    if (running === undefined) return false
    const at = minute - block * BLOCK_MINUTES
    const level = levelOf(severity)
    const before = running.levels[at]!
    if (before !== NO_LEVEL && before >= level) return true
    // Of a severity that is not a number nothing is known.
    if (!(level >= 0)) return true
    running.levels[at] = level
    running.dirty = true
    return true
  }

  *blocks(): Generator<RunningBlock> {
    if (this.#earlier !== undefined) yield this.#earlier
    yield this.#latest
  }

  #roomFor(block: number): RunningBlock | undefined {
    const latest = this.#latest
    const earlier = this.#earlier
    if (earlier?.block === block) return earlier
    if (block > latest.block) {
      if (earlier?.dirty) return undefined
      this.#earlier = latest
      this.#latest = this.#begin(block)
      return this.#latest
    }
    if (earlier !== undefined && (earlier.dirty || block < earlier.block)) return undefined
    this.#earlier = this.#begin(block)
    return this.#earlier
  }

  #begin(block: number): RunningBlock {
    return { block, levels: this.#buffers.take(), dirty: false }
  }
}
