import type { Layers } from '../codec/layers.ts'
import type { Layer } from '../codec/model.ts'
import { ModelError } from '../codec/model-error.ts'
import { DigestBank } from '../statistics/digest.ts'
import { Room } from '../statistics/room.ts'
import type { PanelMember } from './panel.ts'

/** Raw scores below it are all the same to the logarithm. */
const OFFSET = 0.02
/** Smallest scale of the logarithm: raw scores that hardly vary are no reason to take a few per cent for news. */
const FLOOR = 0.1
/**
 * A counted calibration compares scores as they are remembered, ties with ties: its background stands still until it is off by more than this
 * part of its scale, and where scores are remembered for longer than they last, for longer.
 */
const STEP = { recent: 0.1, long: 0.25 }
/** As so many scores count those of a warm-up, however many they are. */
const WARM_UP = 500

/**
 * What raw scores look like lately: median and scale (1.4826·MAD) of their logarithms, exponentially forgetting. All scores
 * count, those of anomalies too: half of them would have to be anomalous before the median moves far, while a background of the
 * normal ones alone would shrink with each that is left out. Scores told relative to it keep their meaning while the traffic drifts (the role of
 * the moving average in DSPOT, A. Siffer et al., KDD 2017).
 */
export class Background {
  readonly #bank: DigestBank
  readonly #step: number
  #center = 0
  #scale = 1

  /** @param halfLife scores after which a score weighs half, @param step moves by no less than this part of its scale */
  constructor(halfLife: number, room = new Room(), step = 0) {
    this.#step = step
    this.#bank = new DigestBank(1, halfLife, room)
  }

  add(raw: number): void {
    if (this.#bank.add(0, Math.log(raw + OFFSET))) this.#renew(this.#step)
  }

  /**
   * Scores of the warm-up, which take effect at once, however few there are. They come from detectors that have not learned the vectors
   * before and after, and are larger and more uneven than what follows: at most 500 of them count, evenly chosen.
   */
  addAll(raw: Float64Array): void {
    const count = Math.min(raw.length, WARM_UP)
    for (let i = 0; i < count; i++) this.add(raw[Math.floor((i * raw.length) / count)]!)
    this.#renew(0)
  }

  /** Scales above the median of late, in logarithms; negative below it. */
  relative(raw: number): number {
    return (Math.log(raw + OFFSET) - this.#center) / this.#scale
  }

  layers(name: string): [string, Layer][] {
    return [
      ...this.#bank.layers(`${name}.digest`),
      [`${name}.state`, { data: Float64Array.of(this.#center, this.#scale) }],
    ]
  }

  /** @throws ModelError, and is then of no use any more */
  restore(name: string, layers: Layers): void {
    this.#bank.restoreFrom(`${name}.digest`, layers)
    const [center, scale] = layers.float64(`${name}.state`, 2)
    if (!(scale! > 0)) throw new ModelError('corrupt', `background of scale ${scale}`)
    this.#center = center!
    this.#scale = scale!
  }

  #renew(step: number): void {
    this.#bank.compress(0)
    const center = this.#bank.quantile(0, 0.5)
    const scale = Math.max(FLOOR, 1.4826 * this.#bank.deviation(0, center))
    const near =
      Math.abs(center - this.#center) < step * scale && Math.abs(Math.log(scale / this.#scale)) < step
    if (near) return
    this.#center = center
    this.#scale = scale
  }
}

/** The background of a member's scores; undefined where they are taken as they are. */
export function backgroundOf(
  { background, tail, memory = 'long' }: PanelMember,
  room?: Room,
): Background | undefined {
  if (background === undefined) return undefined
  return new Background(background, room, tail === 'counted' ? STEP[memory] : 0)
}
