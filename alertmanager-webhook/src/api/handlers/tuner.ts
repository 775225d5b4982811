import { feedbackRoutes, type TunerStatus } from '@adf/contract/feedback'
import { type Endpoints, ProblemError } from '@adf/service'
import type { FeedbackStore } from '../../store/feedback-store.ts'
import type { TunerStore } from '../../store/tuner-store.ts'
import type { CadenceOptions } from '../../tuner/guard/cadence.ts'
import type { Json } from '../../tuner/policy.ts'
import { freezeOf } from '../../tuning/freeze.ts'
import { placeKey } from '../../tuning/roster.ts'
import type { Tuning } from '../../tuning/tuning.ts'
import { tunedEntity, tunerPool, valuesOf } from '../../tuning/views.ts'
import { tryThreshold, type WhatIfOptions } from '../../tuning/what-if.ts'

export interface TunerPorts {
  readonly tuning: Pick<Tuning, 'looked' | 'problems' | 'lookedMs'>
  readonly store: { readonly tuner: TunerStore; readonly feedback: Pick<FeedbackStore, 'page'> }
  readonly whatIf: WhatIfOptions
  readonly settings: {
    readonly enabled: boolean
    readonly policy: string
    readonly dryRun: boolean
    readonly cadence: CadenceOptions
    readonly alertsPerDay: number
  }
  readonly nudge: () => void
  readonly clock: () => number
}

export function tunerEndpoints(endpoints: Endpoints, ports: TunerPorts): void {
  const { tuning, store, settings, clock } = ports
  endpoints
    .on(feedbackRoutes.getTuner, () => statusOf(ports))
    .on(feedbackRoutes.listTunedEntities, ({ query: { stream, entity, limit, cursor } }) => {
      const entities = tuning.looked.filter(
        ({ place }) =>
          (stream === undefined || place.stream === stream) &&
          (entity === undefined || place.entityId === entity) &&
          (cursor === undefined || placeKey(place.stream, place.entityId) > cursor),
      )
      const page = entities.slice(0, limit)
      const last = page.at(-1)
      return {
        items: page.map((one) => tunedEntity(one, settings.cadence)),
        next_cursor:
          last === undefined || entities.length === page.length
            ? null
            : placeKey(last.place.stream, last.place.entityId),
      }
    })
    .on(feedbackRoutes.listTunerSteps, ({ query }) => store.tuner.steps(query))
    .on(feedbackRoutes.freezeTuner, async ({ body: { frozen, stream, entity_id, reason }, caller }) => {
      const nowMs = clock()
      const freezes = await store.tuner.freezes()
      const same = freezes.find((freeze) => freeze.stream === stream && freeze.entityId === entity_id)
      const subject = [stream, entity_id].filter((part) => part !== undefined).join(' ') || 'everything'
      const line = {
        atMs: nowMs,
        actor: `operator:${caller}`,
        action: frozen ? 'tuner.frozen' : 'tuner.unfrozen',
        subject,
        detail: reason === undefined ? {} : { reason },
      }
      if (frozen) {
        const freeze = { stream, entityId: entity_id, reason, by: caller, sinceMs: nowMs }
        await store.tuner.freeze(freeze, [line])
      } else {
        if (same === undefined && stream !== undefined)
          throw new ProblemError('not_found', `${subject} is not frozen by itself; nothing was changed`)
        await store.tuner.unfreeze({ stream, entityId: entity_id }, [line])
      }
      ports.nudge()
      return statusOf(ports)
    })
    .on(feedbackRoutes.whatIf, ({ body, signal }) => tryThreshold(ports.whatIf, body, signal))
}

async function statusOf({ tuning, store, settings, whatIf }: TunerPorts): Promise<TunerStatus> {
  const freezes = await store.tuner.freezes()
  const all = freezes.find(({ stream }) => stream === undefined)
  const kept = await store.tuner.state({ stream: '*', entityId: undefined })
  const saved = policyState(kept?.state)
  const [step] = (await store.tuner.steps({ limit: 1 })).items
  const [word] = (await store.feedback.page({ limit: 1 })).items
  const streams = Map.groupBy(tuning.looked, ({ place }) => place.stream)
  const problems = [...tuning.problems]
  if (!settings.enabled) problems.push('the tuner is switched off: set thresholding.enabled')
  if (whatIf.processors.length === 0) problems.push('no processor is configured: set processors')
  return {
    policy: settings.policy,
    dry_run: settings.dryRun,
    frozen: all !== undefined,
    frozen_reason: all?.reason ?? null,
    last_verdict_at: word?.given_at ?? null,
    last_step_at: step?.at ?? null,
    pools: [...streams].map(([stream, looked]) =>
      tunerPool(stream, looked, {
        values: valuesOf(saved, stream),
        budget: settings.alertsPerDay,
        frozen: freezes.some(
          (freeze) => freeze.entityId === undefined && freezeOf([freeze], { stream, entityId: '' }),
        ),
      }),
    ),
    problems,
  }
}

function policyState(text: string | undefined): Json {
  if (text === undefined) return null
  const { state } = JSON.parse(text) as { state?: Json }
  return state ?? null
}
