import { z } from 'zod'
import type { TuningRecord } from '../tuner/guard/record.ts'
import { UNTUNED } from '../tuner/guard/record.ts'

const Effect = z.object({
  days: z.number(),
  alertsBefore: z.number(),
  alertsAfter: z.number(),
  judgedNoise: z.number(),
  noiseGone: z.number(),
  judgedUseful: z.number(),
  usefulLost: z.number(),
  costChange: z.number(),
  confidence: z.number(),
})

const Step = z.object({
  entity: z.object({ stream: z.string(), id: z.string(), kind: z.string() }),
  atMinute: z.number(),
  kind: z.enum(['made', 'dry_run', 'refused', 'rolled_back']),
  policy: z.enum(['q-learning', 'static', 'spot', 'dspot', 'conformal', 'thompson']),
  from: z.number(),
  to: z.number(),
  wanted: z.number(),
  action: z.enum(['up', 'none', 'down']),
  state: z.string(),
  refusal: z.enum(['replay_worse', 'too_little_known', 'held_back']).nullable(),
  expected: Effect,
  seen: Effect.nullable(),
  sentence: z.string(),
})

const Held = z.object({ action: z.enum(['up', 'down']), untilMinute: z.number() })

/** What is kept of an entity, beside the steps themselves. */
const EntityState = z.object({
  record: z.object({
    tuned: z.number().nullable(),
    override: z.number().nullable(),
    lastMinute: z.number().nullable(),
    open: Step.nullable(),
    held: Held.nullable(),
  }),
  /** A step that is stored, and of which it is not known that the processor has it. */
  pending: z
    .object({
      stepId: z.string(),
      /** Version of the threshold that it is to change; 0: the initial one. */
      ifVersion: z.number(),
      /** As it was before the step: holds again when the step cannot be made. */
      before: z.object({
        tuned: z.number().nullable(),
        open: Step.nullable().optional(),
        held: Held.nullable().optional(),
      }),
      /** Of a rollback: the step that it takes back. */
      undoes: z.string().optional(),
    })
    .nullable(),
  /** Version of an operator's rollback that has been heeded. */
  heeded: z.number(),
})

export interface EntityState {
  readonly record: TuningRecord
  readonly pending: {
    readonly stepId: string
    readonly ifVersion: number
    readonly before: {
      readonly tuned: number | null
      readonly open?: TuningRecord['open'] | undefined
      readonly held?: TuningRecord['held'] | undefined
    }
    readonly undoes?: string | undefined
  } | null
  readonly heeded: number
}

export const NEW_ENTITY: EntityState = { record: UNTUNED, pending: null, heeded: 0 }

/** @throws SyntaxError, z.ZodError for what this did not write */
export const readEntityState = (json: string): EntityState => EntityState.parse(JSON.parse(json))

export const writeEntityState = (state: EntityState): string => JSON.stringify(state)
