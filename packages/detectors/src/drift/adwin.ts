import type { Layers } from '../codec/layers.ts'
import type { Layer } from '../codec/model.ts'
import { ADWIN_DEFAULTS, AdwinBank, type AdwinOptions } from './adwin-bank.ts'

/** One adaptive window: `AdwinBank`, which says how it works and when it fails, for a single stream. */
export class Adwin {
  readonly #bank: AdwinBank

  constructor(options: Partial<AdwinOptions> = {}) {
    this.#bank = new AdwinBank(1, { ...ADWIN_DEFAULTS, ...options })
  }

  /** Values in the window. */
  get width(): number {
    return this.#bank.width(0)
  }

  get total(): number {
    return this.#bank.total(0)
  }

  /** Sum of squared distances from the mean. */
  get squares(): number {
    return this.#bank.squares(0)
  }

  get mean(): number {
    return this.#bank.mean(0)
  }

  /** @returns whether the mean has changed: what came before the change is dropped */
  add(value: number): boolean {
    return this.#bank.add(0, value)
  }

  reset(): void {
    this.#bank.reset()
  }

  layers(name: string): [string, Layer][] {
    return this.#bank.layers(0, name)
  }

  /** @returns what takes over the state that was read; @throws ModelError, and is then as it was */
  read(name: string, layers: Layers): () => void {
    return this.#bank.read(0, name, layers)
  }
}
