import { z } from 'zod'
import { type Api, id, json, none, page, type Route, type SignedRoute, timeRange } from '../route.ts'
import { serviceRoutes } from '../service-routes.ts'
import { AuditPage, AuditVerification } from './audit.ts'
import { Client, ClientPage, Invitation, InvitationRequest } from './client.ts'
import { Enrolment, EnrolmentRequest, KeyRotation } from './enrolment.ts'
import { Receipt } from './receipt.ts'
import { ReviewRequest, Round, RoundPage, Update, UpdatePage, UpdateState } from './round.ts'
import { FederationStatus, Run, RunStateRequest } from './run.ts'
import { roundOfRun, run } from './run-params.ts'
import { ClientId, RunName, Version } from './scalar.ts'
import { secureAggregationRoutes } from './secure-routes.ts'
import { RunModel, Work, WorkRequest } from './work.ts'

/** An update frame of docs/formats/update.md. */
const update = 'application/vnd.adf.update'

const versionOfRun = run.extend({
  version: z.coerce.number().int().min(0).meta({ description: 'global version' }),
})
const client = z.strictObject({ id: ClientId })

/**
 * Every endpoint of the federation server (port 8081). Those under `/federation/v1` are for clients, which sign each request; the others
 * are for people and programs with a token.
 */
export const federationRoutes = {
  enrol: {
    ...none,
    method: 'post',
    path: '/federation/v1/clients',
    tag: 'protocol',
    summary: 'Enrol a client with a one-time token',
    description:
      'Signed with the key that it brings, with the key id `new`. The same token and key again get the same answer.',
    scope: 'client',
    body: { schema: EnrolmentRequest, types: [json] },
    answer: { status: 201, text: 'The client', schema: Enrolment },
    problems: [409],
  },
  rotateKey: {
    ...none,
    method: 'put',
    path: '/federation/v1/clients/{id}/key',
    tag: 'protocol',
    summary: "Change a client's key",
    description:
      'Signed with the key in force. The new one holds from the answer on; asked again with the new key it answers the same. Once a minute at most.',
    scope: 'client',
    params: client,
    body: { schema: KeyRotation, types: [json] },
    answer: { status: 204, text: 'Changed', schema: z.undefined() },
    problems: [429],
  },
  pollWork: {
    ...none,
    method: 'post',
    path: '/federation/v1/work',
    tag: 'protocol',
    summary: 'Acknowledge what is held, and ask what to do',
    scope: 'client',
    body: { schema: WorkRequest, types: [json] },
    answer: { status: 200, text: 'The runs of its streams', schema: Work },
    problems: [429, 503],
  },
  getRunModel: {
    ...none,
    method: 'get',
    path: '/federation/v1/runs/{run}',
    tag: 'protocol',
    summary: 'The model that a run trains',
    scope: 'client',
    params: run,
    answer: { status: 200, text: 'The model', schema: RunModel },
    problems: [404],
  },
  getDelta: {
    ...none,
    method: 'get',
    path: '/federation/v1/runs/{run}/versions/{version}/delta',
    tag: 'protocol',
    summary: 'The way to a version from the one before it',
    description:
      'For who holds the version before, bit for bit. 404 when it is no longer kept: then take the version dense.',
    scope: 'client',
    params: versionOfRun,
    answer: { status: 200, text: 'An update frame', schema: z.instanceof(Uint8Array), type: update },
    problems: [404],
  },
  getVersion: {
    ...none,
    method: 'get',
    path: '/federation/v1/runs/{run}/versions/{version}',
    tag: 'protocol',
    summary: 'A version of the global weights, dense',
    description:
      'Of the latest ones (`history` of the run). Version 0 is never sent: it follows from the seed.',
    scope: 'client',
    params: versionOfRun,
    answer: { status: 200, text: 'An update frame', schema: z.instanceof(Uint8Array), type: update },
    problems: [404],
  },
  submitUpdate: {
    ...none,
    method: 'post',
    path: '/federation/v1/runs/{run}/rounds/{round}/update',
    tag: 'protocol',
    summary: "A client's update",
    description:
      'Stored before it is answered. The same body again gets the same receipt, another one 409 (`update_conflict`); 409 (`unknown_base`) asks for a resync; ' +
      '410 says that it is too late for any round.',
    scope: 'client',
    params: roundOfRun,
    query: z.strictObject({
      base: z.coerce.number().pipe(Version).meta({ description: 'the version that it began with' }),
      samples: z.coerce
        .number()
        .int()
        .min(1)
        .max(1e12)
        .meta({ description: 'vectors that it was trained on' }),
      loss: z.coerce.number().min(0).optional().meta({
        description: 'mean square error of the global weights on data held out, in standard deviations',
      }),
    }),
    body: { schema: z.instanceof(Uint8Array), types: [update] },
    answer: { status: 200, text: 'It is stored', schema: Receipt },
    problems: [404, 409, 410, 413, 415, 429, 503],
  },
  ...secureAggregationRoutes,
  getFederationStatus: {
    ...none,
    method: 'get',
    path: '/api/status',
    tag: 'operation',
    summary: 'Is it working, now',
    scope: 'read',
    answer: { status: 200, text: 'The status', schema: FederationStatus },
  },
  getRun: {
    ...none,
    method: 'get',
    path: '/api/runs/{run}',
    tag: 'runs',
    summary: 'One run',
    scope: 'read',
    params: run,
    answer: { status: 200, text: 'The run', schema: Run },
    problems: [404],
  },
  setRunState: {
    ...none,
    method: 'put',
    path: '/api/runs/{run}/state',
    tag: 'runs',
    summary: 'Pause a run, or let it go on',
    description: 'A round that is collecting goes on to its end.',
    scope: 'admin',
    params: run,
    body: { schema: RunStateRequest, types: [json] },
    answer: { status: 200, text: 'The run', schema: Run },
    problems: [404, 409],
  },
  listRounds: {
    ...none,
    method: 'get',
    path: '/api/runs/{run}/rounds',
    tag: 'runs',
    summary: 'Rounds of a run, newest first',
    scope: 'read',
    params: run,
    query: z.strictObject(page),
    answer: { status: 200, text: 'One page', schema: RoundPage },
    problems: [404],
  },
  getRound: {
    ...none,
    method: 'get',
    path: '/api/runs/{run}/rounds/{round}',
    tag: 'runs',
    summary: 'One round',
    description: 'Its updates are at `GET /api/updates?run={run}&round={round}`.',
    scope: 'read',
    params: roundOfRun,
    answer: { status: 200, text: 'The round', schema: Round },
    problems: [404],
  },
  listClients: {
    ...none,
    method: 'get',
    path: '/api/clients',
    tag: 'clients',
    summary: 'Clients, by name',
    scope: 'read',
    query: z.strictObject(page),
    answer: { status: 200, text: 'One page', schema: ClientPage },
  },
  getClient: {
    ...none,
    method: 'get',
    path: '/api/clients/{id}',
    tag: 'clients',
    summary: 'One client',
    scope: 'read',
    params: client,
    answer: { status: 200, text: 'The client', schema: Client },
    problems: [404],
  },
  revokeClient: {
    ...none,
    method: 'post',
    path: '/api/clients/{id}/revoke',
    tag: 'clients',
    summary: 'Revoke a client',
    description: 'For good, and at once: what it sent and is not yet aggregated is rejected.',
    scope: 'admin',
    params: client,
    body: { schema: ReviewRequest, types: [json] },
    answer: { status: 200, text: 'The client', schema: Client },
    problems: [404],
  },
  invite: {
    ...none,
    method: 'post',
    path: '/api/invitations',
    tag: 'clients',
    summary: 'Make a one-time token for a new client',
    scope: 'admin',
    body: { schema: InvitationRequest, types: [json] },
    answer: { status: 201, text: 'The invitation', schema: Invitation },
  },
  listUpdates: {
    ...none,
    method: 'get',
    path: '/api/updates',
    tag: 'updates',
    summary: 'Updates, newest first',
    scope: 'read',
    query: z.strictObject({
      state: UpdateState.optional(),
      run: RunName.optional(),
      round: z.coerce.number().int().min(1).optional().meta({ description: 'of `run`' }),
      client: ClientId.optional(),
      ...page,
    }),
    answer: { status: 200, text: 'One page', schema: UpdatePage },
  },
  releaseUpdate: {
    ...none,
    method: 'post',
    path: '/api/updates/{id}/release',
    tag: 'updates',
    summary: 'Release an update from quarantine',
    description:
      "It counts in the next round, late, and its client's reputation is given back. 409 when it is not in quarantine.",
    scope: 'admin',
    params: id,
    body: { schema: ReviewRequest, types: [json] },
    answer: { status: 200, text: 'The update', schema: Update },
    problems: [404, 409],
  },
  rejectUpdate: {
    ...none,
    method: 'post',
    path: '/api/updates/{id}/reject',
    tag: 'updates',
    summary: 'Reject an update that is in quarantine',
    scope: 'admin',
    params: id,
    body: { schema: ReviewRequest, types: [json] },
    answer: { status: 200, text: 'The update', schema: Update },
    problems: [404, 409],
  },
  listAudit: {
    ...none,
    method: 'get',
    path: '/api/audit',
    tag: 'audit',
    summary: 'The audit log, newest first',
    scope: 'read',
    query: z.strictObject({
      ...timeRange,
      ...page,
    }),
    answer: { status: 200, text: 'One page', schema: AuditPage },
  },
  verifyAudit: {
    ...none,
    method: 'get',
    path: '/api/audit/verification',
    tag: 'audit',
    summary: 'Is the chain of the audit log whole',
    scope: 'read',
    answer: { status: 200, text: 'What was found', schema: AuditVerification },
  },
  ...serviceRoutes,
} as const satisfies Record<string, Route | SignedRoute>

export type FederationRouteName = keyof typeof federationRoutes

export const federationApi = {
  title: 'ADF federation server',
  description: 'One model across many sites, whose data stay where they are.',
  routes: federationRoutes,
} as const satisfies Api
