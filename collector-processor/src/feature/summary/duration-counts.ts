/** Bits of the mantissa that are kept: a QuantileSketch tells no finer. */
const SHIFT = 20 - 6
const SMALLEST = 2 ** -1000
const LARGEST = 2 ** 1000

const float = new Float64Array(1)
/** Little-endian, as on every platform that Node runs on. */
const word = new Uint32Array(float.buffer)

/** Durations by how many were alike to a 64th of a power of two: a sketch that adds them up is that of the durations themselves. */
export class DurationCounts {
  readonly #counts = new Map<number, number>()

  /** What is no duration is left out, as by the sketch. */
  add(ms: number): void {
    if (!(ms >= 0 && ms <= LARGEST)) return
    let key = 0
    if (ms >= SMALLEST) {
      float[0] = ms
      key = word[1]! >>> SHIFT
    }
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1)
  }

  /** A duration of each kind and how many of it, in order. */
  list(): [number, number][] {
    return [...this.#counts]
      .sort(([one], [other]) => one - other)
      .map(([key, count]): [number, number] => [middle(key), count])
  }
}

function middle(key: number): number {
  if (key === 0) return 0
  word[0] = 0
  word[1] = (key << SHIFT) | (1 << (SHIFT - 1))
  return float[0]!
}
