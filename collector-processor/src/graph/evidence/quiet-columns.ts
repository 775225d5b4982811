import type { QuietEdges } from '../../rootcause/evidence.ts'
import type { Tallies } from '../tallies.ts'

/** Quiet edges as they are found. */
export class QuietColumns {
  readonly #tallies: Tallies
  /** Place of each node, by its number. */
  readonly #places: Uint32Array
  readonly #client: Uint32Array
  readonly #server: Uint32Array
  readonly #count: Float64Array
  readonly #user: Uint8Array
  #length = 0

  constructor(tallies: Tallies, nodes: readonly number[]) {
    const most = tallies.edges.size
    this.#tallies = tallies
    this.#places = new Uint32Array(nodes.reduce((most, node) => Math.max(most, node), 0) + 1)
    for (const [place, node] of nodes.entries()) this.#places[node] = place
    this.#client = new Uint32Array(most)
    this.#server = new Uint32Array(most)
    this.#count = new Float64Array(most)
    this.#user = new Uint8Array(most)
  }

  add(edge: number, calls: number): void {
    const { edges } = this.#tallies
    const at = this.#length++
    this.#client[at] = this.#places[edges.client(edge)]!
    this.#server[at] = this.#places[edges.server(edge)]!
    this.#count[at] = calls
    this.#user[at] = edges.connection(edge) === 'user' ? 1 : 0
  }

  all(): QuietEdges {
    const length = this.#length
    return {
      client: this.#client.subarray(0, length),
      server: this.#server.subarray(0, length),
      count: this.#count.subarray(0, length),
      user: this.#user.subarray(0, length),
    }
  }
}
