import type { FederatedModel } from '@adf/contract/federation'

/** Who a client is. */
export interface Identity {
  /** What people call the site. */
  readonly name: string
  /** Ed25519, PKCS #8 in PEM. */
  readonly privateKey: string
  /** A new key that the server may not know yet. */
  readonly nextPrivateKey?: string | undefined
  /** Left out: its enrolment has not been answered. */
  readonly clientId?: string | undefined
  /** The most samples that an update of it counts for. */
  readonly sampleCap?: number | undefined
}

/** An update that was made and not acknowledged: it must be sent as it is, or not at all. */
export interface PendingUpdate {
  readonly round: number
  /** Version that it began with. */
  readonly base: number
  readonly samples: number
  readonly loss: number | undefined
  readonly bytes: Uint8Array
  /** What is owed once it is acknowledged. */
  readonly residual: Float32Array
}

/** What a client remembers of a run. */
export interface RunMemory {
  readonly model: FederatedModel
  readonly version: number
  /** The global weights of that version, bit for bit. */
  readonly weights: Float32Array
  /** What its updates have left out so far; as long as the weights. */
  readonly residual: Float32Array
  readonly pending: PendingUpdate | undefined
  /** Latest round by secure aggregation that this client began: it takes no part in it again, nor in one before. */
  readonly secureRound?: number | undefined
}

/**
 * What a client must remember over restarts. What `save…` was given is there after it has resolved, even if the power fails; until
 * then it is the old or the new whole, never a part. What cannot be read is told, put aside and as good as absent. One client at a
 * time uses it. `state.contract.ts` is the suite that every implementation passes.
 */
export interface ClientState {
  loadIdentity(): Promise<Identity | undefined>
  saveIdentity(identity: Identity): Promise<void>
  /** Names of the runs that are remembered, sorted. */
  runs(): Promise<readonly string[]>
  loadRun(run: string): Promise<RunMemory | undefined>
  saveRun(run: string, memory: RunMemory): Promise<void>
  /** Without effect when there is none. */
  forgetRun(run: string): Promise<void>
}
