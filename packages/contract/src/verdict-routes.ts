import { z } from 'zod'
import { id, json, none, page, type Route } from './route.ts'
import { Verdict, VerdictRequest } from './verdict.ts'
import { VerdictLog } from './verdict-log.ts'

/** Routes of verdicts. */
export const verdictRoutes = {
  giveFeedback: {
    ...none,
    method: 'post',
    path: '/api/feedback',
    tag: 'feedback',
    summary: "An operator's verdict on an anomaly or incident",
    description:
      'Stored before it is answered. Sent again for the same target by the same author, it replaces the earlier one. One on an incident that was merged is given to the incident that it goes on as, which the answer names.',
    scope: 'feedback',
    body: { schema: VerdictRequest, types: [json] },
    answer: { status: 200, text: 'The verdict as stored', schema: Verdict },
    problems: [404],
  },
  withdrawFeedback: {
    ...none,
    method: 'delete',
    path: '/api/feedback/{id}',
    tag: 'feedback',
    summary: 'Take a verdict back',
    description:
      'The anomaly or incident then has the latest of the other verdicts on it, or none. It stays in the log of verdicts, as withdrawn.',
    scope: 'feedback',
    params: id,
    answer: { status: 204, text: 'Taken back', schema: z.undefined() },
    problems: [404],
  },
  listVerdicts: {
    ...none,
    method: 'get',
    path: '/api/verdicts',
    tag: 'feedback',
    summary: 'The log of verdicts, oldest first',
    description: 'For those who follow it: read on with the largest cursor seen. Entries go with retention.',
    scope: 'read',
    query: z.strictObject({
      after: z.coerce.number().int().min(0).default(0).meta({ description: 'cursor of the last entry seen' }),
      limit: page.limit,
    }),
    answer: { status: 200, text: 'What came after it', schema: VerdictLog },
  },
} as const satisfies Record<string, Route>
