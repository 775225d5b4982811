/** A client has one poll under way, and some that it does not wait for any more but whose end is not known yet. */
const MOST_OF_ONE = 4

/** Places for requests that are held back: so many at once, and a few of each client, so that none takes those of all. */
export class WaitingPlaces {
  readonly #most: number
  readonly #taken = new Map<string, number>()
  #all = 0

  constructor(most: number) {
    this.#most = most
  }

  /** @returns what gives the place back, once; undefined: there is none */
  take(client: string): (() => void) | undefined {
    const own = this.#taken.get(client) ?? 0
    if (this.#all >= this.#most || own >= MOST_OF_ONE) return undefined
    this.#all++
    this.#taken.set(client, own + 1)
    return () => this.#give(client)
  }

  #give(client: string): void {
    this.#all--
    const left = (this.#taken.get(client) ?? 1) - 1
    if (left === 0) this.#taken.delete(client)
    else this.#taken.set(client, left)
  }
}
