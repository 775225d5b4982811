/** Numbers for what has counts in a SlotSeries, dense and used again. */
export class Owners {
  #next = 0
  readonly #free: number[] = []

  take(): number {
    return this.#free.pop() ?? this.#next++
  }

  give(owner: number): void {
    this.#free.push(owner)
  }
}
