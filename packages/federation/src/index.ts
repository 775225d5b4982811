export { type LocalUpdate, refusesUpdate } from './client/delivery.ts'
export {
  FederationClient,
  type FederationClientOptions,
  type GlobalModel,
  type MaskedOptions,
  type PollOptions,
} from './client/federation-client.ts'
export { FederationError, type FederationErrorCode } from './client/federation-error.ts'
export type { Latest } from './client/global-weights.ts'
export type { Invited } from './client/identities.ts'
export type { MaskedOutcome, MaskedUpdate, SecurePhase } from './client/secure-round.ts'
export type { Traffic, TransportOptions } from './client/transport.ts'
export { firstWeights, MOST_WEIGHTS, modelSize } from './model/federated-model.ts'
export type { ClientState, Identity, PendingUpdate, RunMemory } from './state/client-state.ts'
export { FileState } from './state/file-state.ts'
export { MemoryState } from './state/memory-state.ts'
