import type { MaskedInput } from './messages.ts'
import type { SecureRound } from './parameters.ts'
import { SecureAggregationError } from './secure-aggregation-error.ts'

/** The sum of masked inputs, modulo 2³²: the same in whatever order they come, in the memory of one. */
export class MaskedSum {
  readonly terms: Uint32Array
  /** Who sent shares: the masks of all of them are on each input. */
  readonly sharers: ReadonlySet<string>
  readonly #clients = new Set<string>()

  constructor({ length }: SecureRound, sharers: Iterable<string>) {
    this.terms = new Uint32Array(length + 1)
    this.sharers = new Set(sharers)
  }

  /** Whose inputs are in it. */
  get clients(): readonly string[] {
    return [...this.#clients].toSorted()
  }

  /** @throws SecureAggregationError `wrong_input`, `unknown_client`, `duplicate_client` */
  add({ clientId, terms }: Pick<MaskedInput, 'clientId' | 'terms'>): void {
    if (terms.length !== this.terms.length)
      throw new SecureAggregationError(
        'wrong_input',
        `${terms.length} terms of ${clientId}, not ${this.terms.length}`,
        clientId,
      )
    if (!this.sharers.has(clientId))
      throw new SecureAggregationError('unknown_client', `${clientId} sent no shares`, clientId)
    if (this.#clients.has(clientId)) throw new SecureAggregationError('duplicate_client', clientId, clientId)
    for (let i = 0; i < terms.length; i++) this.terms[i] = this.terms[i]! + terms[i]!
    this.#clients.add(clientId)
  }
}
