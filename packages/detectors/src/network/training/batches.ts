import type { Rng } from '../../statistics/sampling.ts'
import { INPUT_LIMIT } from '../input-limit.ts'
import type { NetworkSpec } from '../spec.ts'

/** Sequences side by side, in single precision: sequences × steps × width. */
export interface Batch {
  readonly sequences: number
  readonly steps: number
  readonly inputs: Float32Array
  /** What is to be predicted at each step. */
  readonly targets: Float32Array
  /** Whether it goes on where the batch before ended, so that an LSTM keeps what it remembers. */
  readonly continues: boolean
}

/** Windows in a row over which an LSTM's memory is carried: on the hot path it is never emptied. */
const CARRIED_WINDOWS = 8

/**
 * One pass over the histories in random order: for an autoencoder single vectors, else windows of `window` steps, each with the vectors one
 * step later as targets. An LSTM gets several windows in a row (truncated backpropagation through time). What is left at the ends
 * is not the same in every pass, since the first window begins at a random place.
 */
export function* batches(
  network: NetworkSpec,
  histories: readonly Float32Array[],
  { batchSize, window, rng }: { batchSize: number; window: number; rng: Rng },
): Generator<Batch> {
  const width = network.inputs
  const ahead = network.kind === 'autoencoder' ? 0 : 1
  const longest = Math.max(...histories.map(({ length }) => length / width)) - ahead
  const steps = network.kind === 'autoencoder' ? 1 : Math.min(window, longest)
  const windows = network.kind === 'lstm' ? Math.min(CARRIED_WINDOWS, Math.floor(longest / steps)) : 1
  const side = network.kind === 'autoencoder' ? batchSize * window : batchSize
  const starts = shuffled(sequenceStarts(histories, width, steps * windows, ahead, rng), rng)
  for (let from = 0; from < starts.length; from += side) {
    const chosen = starts.slice(from, from + side)
    for (let part = 0; part < windows; part++) {
      const inputs = new Float32Array(chosen.length * steps * width)
      const targets = new Float32Array(inputs.length)
      for (const [i, { history, row }] of chosen.entries()) {
        const begin = (row + part * steps) * width
        inputs.set(history.subarray(begin, begin + steps * width), i * steps * width)
        targets.set(
          history.subarray(begin + ahead * width, begin + (ahead + steps) * width),
          i * steps * width,
        )
      }
      drawIn(inputs)
      drawIn(targets)
      yield { sequences: chosen.length, steps, inputs, targets, continues: part > 0 }
    }
  }
}

interface Start {
  readonly history: Float32Array
  readonly row: number
}

function sequenceStarts(
  histories: readonly Float32Array[],
  width: number,
  length: number,
  ahead: number,
  rng: Rng,
): Start[] {
  const starts: Start[] = []
  for (const history of histories) {
    const free = history.length / width - ahead
    const spare = free % length
    const first = free < length ? 0 : Math.floor(rng() * (spare + 1))
    for (let row = first; row + length <= free; row += length) starts.push({ history, row })
  }
  return starts
}

/** Fisher–Yates. */
function shuffled<T>(values: T[], rng: Rng): T[] {
  for (let i = values.length - 1; i > 0; i--) {
    const j = Math.floor(rng() * (i + 1))
    const value = values[i]!
    values[i] = values[j]!
    values[j] = value
  }
  return values
}

function drawIn(values: Float32Array): void {
  for (let i = 0; i < values.length; i++)
    values[i] = Math.max(-INPUT_LIMIT, Math.min(INPUT_LIMIT, values[i]!))
}
