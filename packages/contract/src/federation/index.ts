export { AuditEntry, AuditPage, AuditVerification } from './audit.ts'
export { Client, ClientPage, Invitation, InvitationRequest } from './client.ts'
export { Enrolment, EnrolmentRequest, KeyRotation } from './enrolment.ts'
export { FederatedModel, NetworkShape } from './model.ts'
export { Receipt } from './receipt.ts'
export {
  ReviewRequest,
  Round,
  RoundPage,
  RoundState,
  Update,
  UpdateFinding,
  UpdatePage,
  UpdateState,
} from './round.ts'
export { type FederationRouteName, federationApi, federationRoutes } from './routes.ts'
export { Bytes, FederationStatus, PrivacySpent, Run, RunState, RunStateRequest } from './run.ts'
export { ClientId, PublicKey, RoundNumber, RunName, Sha256, Version } from './scalar.ts'
export {
  SecureAnswer,
  SecureConfirmation,
  SecureKeys,
  SecureParameters,
  SecureRoundState,
  SecureShares,
} from './secure-aggregation.ts'
export { ClientPrivacy, Holding, RoundWork, RunModel, RunWork, Training, Work, WorkRequest } from './work.ts'
