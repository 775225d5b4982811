import { routes } from '@adf/contract'
import { feedbackRoutes } from '@adf/contract/feedback'
import event from '@adf/contract/golden/event.json' with { type: 'json' }
import feedbackRequest from '@adf/contract/golden/feedback/feedback-request.json' with { type: 'json' }
import freezeRequest from '@adf/contract/golden/feedback/freeze-request.json' with { type: 'json' }
import missedIncident from '@adf/contract/golden/feedback/missed-incident-request.json' with { type: 'json' }
import notification from '@adf/contract/golden/feedback/notification.json' with { type: 'json' }
import whatIf from '@adf/contract/golden/feedback/what-if-request.json' with { type: 'json' }
import scoreRequest from '@adf/contract/golden/score-request.json' with { type: 'json' }
import thresholdRequest from '@adf/contract/golden/threshold-request.json' with { type: 'json' }
import rollback from '@adf/contract/golden/threshold-rollback.json' with { type: 'json' }
import verdictRequest from '@adf/contract/golden/verdict-request.json' with { type: 'json' }
import { z } from 'zod'

/** A sound request to one of the services. */
export interface Recorded {
  readonly service: 'processor' | 'webhook'
  readonly method: string
  /** Its parameters filled in. */
  readonly path: string
  /** Names of the parameters of its query. */
  readonly query: readonly string[]
  readonly type: string | undefined
  readonly body: unknown
}

/** What is sent with each route that takes a body. */
const BODIES: Readonly<Record<string, unknown>> = {
  scoreVector: scoreRequest,
  giveFeedback: verdictRequest,
  setThreshold: thresholdRequest,
  rollbackThresholds: rollback,
  sendEvents: [event, event],
  receiveNotification: notification,
  giveVerdict: feedbackRequest,
  reportMissed: missedIncident,
  freezeTuner: freezeRequest,
  whatIf,
}

const VALUES: Readonly<Record<string, string>> = { stream: 'transactions', token: 'AAAA.BBBB' }
const ID = '019c9a3e-7d2a-7000-8000-000000000001'

/** One request for every route of both contracts. */
export const recorded: readonly Recorded[] = [...of('processor', routes), ...of('webhook', feedbackRoutes)]

interface RouteShape {
  readonly method: string
  readonly path: string
  readonly query: z.ZodType
  readonly body: { readonly types: readonly string[] }
}

function of(service: Recorded['service'], contract: Readonly<Record<string, RouteShape>>): Recorded[] {
  return Object.entries(contract).map(([name, { method, path, query, body }]) => ({
    service,
    method: method.toUpperCase(),
    path: path.replaceAll(/\{(\w+)\}/g, (_, parameter: string) => VALUES[parameter] ?? ID),
    query: query instanceof z.ZodObject ? Object.keys(query.shape) : [],
    type: body.types[0],
    body: body.types.length === 0 ? undefined : (BODIES[name] ?? {}),
  }))
}
