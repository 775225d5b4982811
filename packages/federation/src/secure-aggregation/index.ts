export type { Advertisement, EnrolledKeys, Roster } from './advertisement.ts'
export { checkAdvertisement, rosterOf } from './advertisement.ts'
export { type Confirmation, checkConfirmations } from './confirmation.ts'
export {
  decodeAdvertisement,
  decodeAnswer,
  decodeConfirmation,
  decodeReceivedShares,
  decodeShares,
  encodeAdvertisement,
  encodeAnswer,
  encodeConfirmation,
  encodeShares,
  secureRoundOf,
} from './encoding.ts'
export type { WeightedMean } from './fixed-point.ts'
export { checkRoundKey, type RandomBytes } from './key-agreement.ts'
export { decodeTerms, encodeTerms } from './masked-input.ts'
export { MaskedSum } from './masked-sum.ts'
export { MaskingClient, type MaskingClientOptions } from './masking-client.ts'
export type { MaskedInput, SealedShares, UnmaskAnswer, UnmaskRequest } from './messages.ts'
export type { SecureRound } from './parameters.ts'
export { checkSealedShares } from './sealed-shares.ts'
export {
  SecureAggregationError,
  type SecureAggregationErrorCode,
  secureAggregationErrors,
} from './secure-aggregation-error.ts'
export { type Unmasking, unmask, unmaskRequest } from './unmask.ts'
export { checkAnswer } from './unmask-request.ts'
