import { z } from 'zod'
import { json, none, type SignedRoute } from '../route.ts'
import { roundOfRun } from './run-params.ts'
import {
  SecureAnswer,
  SecureConfirmation,
  SecureKeys,
  SecureRoundState,
  SecureShares,
} from './secure-aggregation.ts'

const path = '/federation/v1/runs/{run}/rounds/{round}/secure'
const again = 'Stored before it is answered. The same body again gets the same answer, another one 409.'

const step = {
  ...none,
  method: 'put',
  tag: 'secure aggregation',
  scope: 'client',
  params: roundOfRun,
  answer: { status: 204, text: 'It is stored', schema: z.undefined() },
  problems: [404, 409, 410, 413, 415, 429, 503],
} as const

/** The steps of secure aggregation over HTTP (docs/formats/secure-aggregation.md). */
export const secureAggregationRoutes = {
  getSecureRound: {
    ...none,
    method: 'get',
    path,
    tag: 'secure aggregation',
    summary: 'Where the round is, and what the next step needs',
    scope: 'client',
    params: roundOfRun,
    query: z.strictObject({
      wait_seconds: z.coerce.number().min(0).max(60).default(0).meta({
        description: 'the answer is held back so long while the phase is that of `after`',
      }),
      after: z
        .enum(['advertising', 'sharing', 'masking', 'confirming', 'unmasking'])
        .optional()
        .meta({ description: 'the phase that the client has done its part of' }),
    }),
    answer: { status: 200, text: 'The round, as this client is to see it', schema: SecureRoundState },
    problems: [404, 409, 429, 503],
  },
  sendSecureKeys: {
    ...step,
    path: `${path}/keys`,
    summary: 'Advertise the public keys of the round',
    description: again,
    body: { schema: SecureKeys, types: [json] },
  },
  sendSecureShares: {
    ...step,
    path: `${path}/shares`,
    summary: 'Shares of the secrets, encrypted for each of the others',
    description: again,
    body: { schema: SecureShares, types: [json] },
  },
  sendMaskedInput: {
    ...step,
    path: `${path}/input`,
    summary: 'The masked input',
    description: `${again} Words of 32 bits, little-endian: one more than the update has values.`,
    body: { schema: z.instanceof(Uint8Array), types: ['application/vnd.adf.masked-input'] },
  },
  confirmSurvivors: {
    ...step,
    path: `${path}/confirmation`,
    summary: 'Sign the list of survivors',
    description: again,
    body: { schema: SecureConfirmation, types: [json] },
  },
  sendSecureAnswer: {
    ...step,
    path: `${path}/answer`,
    summary: 'Shares that take the masks off the sum',
    description: again,
    body: { schema: SecureAnswer, types: [json] },
  },
} as const satisfies Record<string, SignedRoute>
