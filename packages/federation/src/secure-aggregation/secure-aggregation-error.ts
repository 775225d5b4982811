/** Why a step of secure aggregation was refused (docs/formats/secure-aggregation.md). */
export const secureAggregationErrors = {
  invalid_parameters: 'the parameters of the round contradict each other, or leave values no precision',
  wrong_phase: 'this end is not at this step, or has done it already',
  unknown_client: 'a client is named that is not of this round, or its key of enrolment is not known',
  duplicate_client: 'a client is there twice',
  bad_key: 'a key is not 32 bytes, was advertised by two, or is one that every secret leads to the same with',
  bad_signature:
    'an advertisement or a list of survivors was not signed by the client that it names, or is another now',
  own_keys_replaced: "this client's own advertisement is missing, or not what it sent",
  too_few_clients: 'fewer than the threshold are there',
  too_many_clients: 'more than the parameters allow: their sum might overflow',
  share_refused:
    'a share was changed, or is of another client, to another client, of another round or another list of keys',
  invalid_update: 'an update is not finite or not of this length, or its samples are no whole number from 1',
  both_shares: 'the same client is named as one that survived and as one that dropped out',
  not_all_named: 'a client whose shares are held is named neither as survivor nor as dropped out',
  counted_as_dropped: 'this client sent its masked input, and is named as dropped out',
  already_confirmed: 'another list of survivors was confirmed: shares are given for that one only',
  not_confirmed: 'fewer survivors than the threshold signed this list of survivors',
  wrong_shares: 'a client sent not one envelope of the right length for each of the others',
  wrong_input: 'a masked input is not of this length',
  wrong_answer: 'an answer has other shares than were asked for, or shares of another length',
  wrong_reconstruction: 'shares do not lead to the key or seed that their owner committed itself to',
  implausible_weight: 'the sum of samples is not one that the survivors can have',
} as const

export type SecureAggregationErrorCode = keyof typeof secureAggregationErrors

/** Why a step was refused. Nothing was changed, and nothing left this end. */
export class SecureAggregationError extends Error {
  override readonly name = 'SecureAggregationError'
  readonly code: SecureAggregationErrorCode
  /** Whose message was at fault, where one can be named. */
  readonly clientId: string | undefined

  constructor(code: SecureAggregationErrorCode, detail: string, clientId?: string) {
    super(detail)
    this.code = code
    this.clientId = clientId
  }
}
