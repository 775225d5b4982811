/** One client's shares for another, on the way there. */
export interface SealedShares {
  readonly sender: string
  readonly recipient: string
  /** `ENVELOPE_BYTES`. */
  readonly envelope: Uint8Array
}

/** An update that nobody can read: to the server it looks like random words. */
export interface MaskedInput {
  readonly clientId: string
  /** Modulo 2³²: one for each value, then the weight. */
  readonly terms: Uint32Array
  /** Values that were cut to ±clip. Stays with the client. */
  readonly clipped: number
}

/** Which secrets the server wants shares of. Together they are all who sent shares. */
export interface UnmaskRequest {
  /** Whose masked input is in the sum: shares of their seeds. */
  readonly survivors: readonly string[]
  /** Who sent shares and then nothing: shares of their private mask keys. */
  readonly dropped: readonly string[]
}

/** One client's shares of what was asked for, by owner. */
export interface UnmaskAnswer {
  readonly clientId: string
  readonly seeds: ReadonlyMap<string, Uint8Array>
  readonly maskKeys: ReadonlyMap<string, Uint8Array>
}
