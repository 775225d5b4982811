import { BLOCK_MINUTES, NO_LEVEL } from '../../store/score-block.ts'

/** Blocks in one buffer. What is left of an entity that goes holds on to so many at most. */
const BLOCKS = 8

/**
 * Room for blocks of minutes, eight in a buffer: a buffer of its own costs 0.2 kB in the heap and as much outside it, beside the 0.4 of the block. What is given up frees its
 * buffer when none of the others is in use any more.
 */
export class LevelBuffers {
  #buffer: ArrayBuffer | undefined
  #taken = 0

  /** Levels of a block in which nothing was scored yet. */
  take(): Uint8Array {
    if (this.#buffer === undefined || this.#taken === BLOCKS) {
      this.#buffer = new ArrayBuffer(BLOCKS * BLOCK_MINUTES)
      this.#taken = 0
    }
    return new Uint8Array(this.#buffer, BLOCK_MINUTES * this.#taken++, BLOCK_MINUTES).fill(NO_LEVEL)
  }
}
