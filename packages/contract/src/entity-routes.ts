import { z } from 'zod'
import { EntityPage } from './entity-status.ts'
import { EntityJudgement } from './judgement.ts'
import { json, none, page, type Route, stream } from './route.ts'
import { Instant } from './scalar.ts'
import { ScoreHistory } from './score-history.ts'
import { Threshold, ThresholdPage, ThresholdRequest } from './threshold.ts'
import { ThresholdHistory, ThresholdRollback, ThresholdRollbackAnswer } from './threshold-history.ts'

const entityFilter = {
  stream: stream.shape.stream.optional(),
  entity: z.string().min(1).max(512).optional(),
}

/** Routes of what is scored: entities, their thresholds and severities. */
export const entityRoutes = {
  listEntities: {
    ...none,
    method: 'get',
    path: '/api/entities',
    tag: 'entities',
    summary: 'What is scored, what is missing and why',
    scope: 'read',
    query: z.strictObject({
      stream: stream.shape.stream.optional(),
      service: z.string().min(1).max(256).optional(),
      ...page,
    }),
    answer: { status: 200, text: 'One page', schema: EntityPage },
  },
  listThresholds: {
    ...none,
    method: 'get',
    path: '/api/thresholds',
    tag: 'entities',
    summary: 'Thresholds that differ from the initial one',
    scope: 'read',
    query: z.strictObject({ ...entityFilter, ...page }),
    answer: { status: 200, text: 'One page', schema: ThresholdPage },
  },
  setThreshold: {
    ...none,
    method: 'put',
    path: '/api/thresholds',
    tag: 'entities',
    summary: 'Set the threshold of an entity',
    description:
      'In force for the next vector. `value: null` goes back to the initial threshold. 409 `overridden`: the tuner may not change what an operator set.',
    scope: 'admin',
    body: { schema: ThresholdRequest, types: [json] },
    answer: { status: 200, text: 'The threshold as stored', schema: Threshold.or(z.null()) },
    problems: [404, 409],
  },
  listThresholdHistory: {
    ...none,
    method: 'get',
    path: '/api/thresholds/history',
    tag: 'entities',
    summary: 'Changes of thresholds, newest first: who or what, when and why',
    scope: 'read',
    query: z.strictObject({ ...entityFilter, ...page }),
    answer: { status: 200, text: 'One page', schema: ThresholdHistory },
  },
  rollbackThresholds: {
    ...none,
    method: 'post',
    path: '/api/thresholds/rollback',
    tag: 'entities',
    summary: 'Take changes of thresholds back',
    scope: 'admin',
    body: { schema: ThresholdRollback, types: [json] },
    answer: { status: 200, text: 'What changed by it', schema: ThresholdRollbackAnswer },
    problems: [404, 409],
  },
  getJudgement: {
    ...none,
    method: 'get',
    path: '/api/judgement',
    tag: 'entities',
    summary: 'Latest values of an entity beside what is normal, and what each detector says of them',
    description: 'Judged anew for the answer: nothing is learned, stored or alerted.',
    scope: 'read',
    query: z.strictObject({
      stream: stream.shape.stream,
      entity: z.string().min(1).max(512).meta({ description: 'id of an entity' }),
    }),
    answer: { status: 200, text: 'The judgement', schema: EntityJudgement },
    problems: [404],
  },
  getScores: {
    ...none,
    method: 'get',
    path: '/api/scores',
    tag: 'entities',
    summary: 'Severity of an entity over time, a value a minute',
    description: 'At most eight days at once; kept for `scores.retention`.',
    scope: 'read',
    query: z.strictObject({
      stream: stream.shape.stream,
      entity: z.string().min(1).max(512).meta({ description: 'id of an entity' }),
      from: Instant.meta({ description: 'the minute of this time is the first' }),
      to: Instant.optional().meta({ description: 'exclusive; left out: now' }),
    }),
    answer: { status: 200, text: 'The series', schema: ScoreHistory },
    problems: [404],
  },
} as const satisfies Record<string, Route>
