import { z } from 'zod'
import { type Api, none, page, type Route } from '../route.ts'
import { Instant } from '../scalar.ts'
import { serviceRoutes } from '../service-routes.ts'
import { Alert, AlertPage } from './alert.ts'
import { AlertValue } from './alert-value.ts'
import { AuditPage } from './audit.ts'
import {
  Feedback,
  FeedbackPage,
  FeedbackRequest,
  MissedIncident,
  MissedIncidentPage,
  MissedIncidentRequest,
  QuestionList,
} from './feedback.ts'
import { Notification, NotificationReceipt } from './notification.ts'
import { FeedbackStatus } from './status.ts'
import { FreezeRequest, TunedEntityPage, TunerStatus, TunerStepPage, WhatIf, WhatIfRequest } from './tuner.ts'

const json = 'application/json'
const id = z.strictObject({ id: z.string().min(1).max(64) })
const token = z.strictObject({ token: z.string().min(1).max(1024) })
const timeRange = {
  from: Instant.optional().meta({ description: 'earliest time, inclusive' }),
  to: Instant.optional().meta({ description: 'latest time, exclusive' }),
}
const entityFilter = {
  stream: z.string().min(1).max(64).optional(),
  entity: z.string().min(1).max(512).optional().meta({ description: 'id of an entity' }),
}

/** Every endpoint of the Alertmanager webhook (port 8082). */
export const feedbackRoutes = {
  receiveNotification: {
    ...none,
    method: 'post',
    path: '/webhook/alertmanager',
    tag: 'alerts',
    summary: 'A notification of Alertmanager',
    description:
      'Stored before it is answered; known ones change nothing, so that replicas and repeats do no harm. 503 with Retry-After when it cannot be ' +
      'stored now: Alertmanager tries again. Takes a bearer token of scope `ingest`, or basic auth with the token as password.',
    scope: 'ingest',
    body: { schema: Notification, types: [json] },
    answer: { status: 200, text: 'It is stored', schema: NotificationReceipt },
    problems: [413, 415, 503],
  },
  listAlerts: {
    ...none,
    method: 'get',
    path: '/api/alerts',
    tag: 'alerts',
    summary: 'Alerts, newest first, ours and others',
    scope: 'read',
    query: z.strictObject({
      state: z.enum(['firing', 'resolved']).optional(),
      ours: z.stringbool().optional().meta({ description: 'sent by ADF or not' }),
      alertname: z.string().min(1).max(256).optional(),
      service: z.string().min(1).max(256).optional(),
      incident: z.string().min(1).max(64).optional(),
      ...timeRange,
      ...page,
    }),
    answer: { status: 200, text: 'One page', schema: AlertPage },
  },
  getAlert: {
    ...none,
    method: 'get',
    path: '/api/alerts/{id}',
    tag: 'alerts',
    summary: 'One alert',
    scope: 'read',
    params: id,
    answer: { status: 200, text: 'The alert', schema: Alert },
    problems: [404],
  },
  getAlertValue: {
    ...none,
    method: 'get',
    path: '/api/alert-value',
    tag: 'alerts',
    summary: 'What alerts were worth: precision, recall, load, the noisiest',
    scope: 'read',
    query: z.strictObject({
      by: z.enum(['rule', 'service', 'entity']).default('rule'),
      limit: z.coerce.number().int().min(1).max(500).default(10).meta({ description: 'rows at most' }),
      ...timeRange,
    }),
    answer: { status: 200, text: 'The value', schema: AlertValue },
  },
  giveVerdict: {
    ...none,
    method: 'post',
    path: '/api/feedback',
    tag: 'feedback',
    summary: "An operator's verdict on an alert, an anomaly, an incident, or what was asked",
    description:
      'Stored before it is answered, then brought to the processor. Sent again for the same target by the same author, it replaces the earlier one.',
    scope: 'feedback',
    body: { schema: FeedbackRequest, types: [json] },
    answer: { status: 200, text: 'The verdict as stored', schema: Feedback },
    problems: [404, 410, 429, 503],
  },
  listFeedback: {
    ...none,
    method: 'get',
    path: '/api/feedback',
    tag: 'feedback',
    summary: 'Everything that was said, newest first',
    scope: 'read',
    query: z.strictObject({
      alert: z.string().min(1).max(64).optional(),
      incident: z.string().min(1).max(64).optional(),
      author: z.string().min(1).max(256).optional(),
      ...timeRange,
      ...page,
    }),
    answer: { status: 200, text: 'One page', schema: FeedbackPage },
  },
  withdrawVerdict: {
    ...none,
    method: 'delete',
    path: '/api/feedback/{id}',
    tag: 'feedback',
    summary: 'Take a verdict back',
    scope: 'feedback',
    params: id,
    answer: { status: 204, text: 'Taken back', schema: z.undefined() },
    problems: [404],
  },
  showLink: {
    ...none,
    method: 'get',
    path: '/feedback/{token}',
    tag: 'feedback',
    summary: 'The page behind a one-click link: asks, and changes nothing',
    scope: null,
    params: token,
    answer: { status: 200, text: 'A page with one button', schema: z.string(), type: 'text/html' },
    problems: [404, 410],
  },
  useLink: {
    ...none,
    method: 'post',
    path: '/feedback/{token}',
    tag: 'feedback',
    summary: 'The button of that page: gives the verdict, once',
    scope: null,
    params: token,
    body: {
      schema: z.looseObject({ note: z.string().max(4096).optional() }),
      types: ['application/x-www-form-urlencoded'],
    },
    answer: { status: 200, text: 'A page that says what was done', schema: z.string(), type: 'text/html' },
    problems: [404, 410, 415, 429, 503],
  },
  slackInteraction: {
    ...none,
    method: 'post',
    path: '/slack/interactive',
    tag: 'feedback',
    summary: 'A button in Slack',
    description:
      "Signed by Slack (`x-slack-signature`); the button's value is the token of a one-click link.",
    scope: null,
    body: { schema: z.looseObject({ payload: z.string() }), types: ['application/x-www-form-urlencoded'] },
    answer: {
      status: 200,
      text: 'The message that takes its place',
      schema: z.looseObject({ text: z.string() }),
    },
    problems: [401, 404, 410, 415, 503],
  },
  reportMissed: {
    ...none,
    method: 'post',
    path: '/api/missed-incidents',
    tag: 'feedback',
    summary: 'Something was wrong and nobody was told',
    scope: 'feedback',
    body: { schema: MissedIncidentRequest, types: [json] },
    answer: { status: 201, text: 'As stored', schema: MissedIncident },
    problems: [404, 429, 503],
  },
  listMissed: {
    ...none,
    method: 'get',
    path: '/api/missed-incidents',
    tag: 'feedback',
    summary: 'Missed incidents, newest first',
    scope: 'read',
    query: z.strictObject(page),
    answer: { status: 200, text: 'One page', schema: MissedIncidentPage },
  },
  listQuestions: {
    ...none,
    method: 'get',
    path: '/api/questions',
    tag: 'feedback',
    summary: 'What is asked about things that stayed under their thresholds',
    scope: 'read',
    answer: { status: 200, text: 'The questions', schema: QuestionList },
  },
  getTuner: {
    ...none,
    method: 'get',
    path: '/api/tuner',
    tag: 'tuner',
    summary: 'What the tuner does and knows',
    scope: 'read',
    answer: { status: 200, text: 'The status', schema: TunerStatus },
  },
  listTunedEntities: {
    ...none,
    method: 'get',
    path: '/api/tuner/entities',
    tag: 'tuner',
    summary: 'Entities by id: threshold, verdicts, precision and recall',
    scope: 'read',
    query: z.strictObject({ ...entityFilter, ...page }),
    answer: { status: 200, text: 'One page', schema: TunedEntityPage },
  },
  listTunerSteps: {
    ...none,
    method: 'get',
    path: '/api/tuner/steps',
    tag: 'tuner',
    summary: 'Steps of the tuner and why, newest first',
    scope: 'read',
    query: z.strictObject({ ...entityFilter, ...page }),
    answer: { status: 200, text: 'One page', schema: TunerStepPage },
  },
  freezeTuner: {
    ...none,
    method: 'put',
    path: '/api/tuner/freeze',
    tag: 'tuner',
    summary: 'Stop the tuner, or let it go on',
    scope: 'admin',
    body: { schema: FreezeRequest, types: [json] },
    answer: { status: 200, text: 'The status', schema: TunerStatus },
    problems: [404],
  },
  whatIf: {
    ...none,
    method: 'post',
    path: '/api/tuner/what-if',
    tag: 'tuner',
    summary: 'What another threshold would have made of the past',
    scope: 'read',
    body: { schema: WhatIfRequest, types: [json] },
    answer: { status: 200, text: 'The comparison', schema: WhatIf },
    problems: [404, 503],
  },
  listFeedbackAudit: {
    ...none,
    method: 'get',
    path: '/api/audit',
    tag: 'operation',
    summary: 'Who did what, newest first',
    scope: 'read',
    query: z.strictObject({ ...timeRange, ...page }),
    answer: { status: 200, text: 'One page', schema: AuditPage },
  },
  getFeedbackStatus: {
    ...none,
    method: 'get',
    path: '/api/status',
    tag: 'operation',
    summary: 'Is it working, now',
    scope: 'read',
    answer: { status: 200, text: 'The status', schema: FeedbackStatus },
  },
  ...serviceRoutes,
} as const satisfies Record<string, Route>

export type FeedbackRouteName = keyof typeof feedbackRoutes

export const feedbackApi = {
  title: 'ADF Alertmanager webhook',
  description: 'Alerts, what operators said of them, and the thresholds that follow from it.',
  routes: feedbackRoutes,
} as const satisfies Api
