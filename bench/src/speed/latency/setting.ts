export interface LatencySetting {
  readonly entities: number
  readonly seconds: number
  /** Vectors that each entity has learned before. */
  readonly warmUp: number
  /** So many entities, the first, are odd now and then: each keeps an incident open, and of those there are at most 200. */
  readonly flapping: number
  /** One vector of theirs in so many. */
  readonly oddIn: number
  /** With an Alertmanager, and entities that become odd one after the other: so many odd vectors in a row open an incident. */
  readonly openAfter?: number
}

export const entityId = (number: number) => `entity-${number}`
