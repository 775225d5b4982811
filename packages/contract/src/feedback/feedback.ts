import { z } from 'zod'
import { Instant } from '../scalar.ts'
import { VerdictValue } from '../verdict.ts'

const target = {
  alert_id: z.string().max(64).optional(),
  anomaly_id: z.string().max(64).optional(),
  incident_id: z.string().max(64).optional(),
  question_id: z.string().max(64).optional().meta({ description: 'of `GET /api/questions`' }),
}

/** `POST /api/feedback`: an operator's word. Sent again with the same target and author it replaces the earlier one. */
export const FeedbackRequest = z
  .strictObject({
    ...target,
    verdict: VerdictValue,
    cause: z.string().max(256).optional().meta({ description: 'the service that was the cause, if known' }),
    note: z.string().max(4096).optional(),
    author: z.string().max(256).optional(),
  })
  .refine(
    (f) =>
      [f.alert_id, f.anomaly_id, f.incident_id, f.question_id].filter((id) => id !== undefined).length === 1,
    { message: 'give exactly one of alert_id, anomaly_id, incident_id and question_id' },
  )
  .meta({ id: 'FeedbackRequest' })
export type FeedbackRequest = z.infer<typeof FeedbackRequest>

export const FeedbackChannel = z
  .enum(['api', 'link', 'slack', 'silence', 'processor'])
  .meta({ id: 'FeedbackChannel', description: 'where it was given; `processor`: at the API of a processor' })
export type FeedbackChannel = z.infer<typeof FeedbackChannel>

export const Feedback = z
  .strictObject({
    id: z.string().meta({ description: 'UUIDv7' }),
    alert_id: z.string().nullable(),
    anomaly_id: z.string().nullable(),
    incident_id: z.string().nullable(),
    question_id: z.string().nullable(),
    verdict: VerdictValue,
    cause: z.string().nullable(),
    note: z.string().nullable(),
    author: z.string().nullable(),
    channel: FeedbackChannel,
    weight: z.number().min(0).max(1).meta({
      description:
        '1 for a plain word; less for an implicit one, and for authors who flood or contradict others',
    }),
    given_at: Instant,
    withdrawn_at: Instant.nullable(),
    delivered: z.boolean().meta({ description: 'the processor has it; what is not about ADF needs none' }),
  })
  .meta({ id: 'Feedback' })
export type Feedback = z.infer<typeof Feedback>

/** Newest first; every word that was ever said, the replaced and the withdrawn too. */
export const FeedbackPage = z
  .strictObject({ items: z.array(Feedback), next_cursor: z.string().nullable() })
  .meta({ id: 'FeedbackPage' })
export type FeedbackPage = z.infer<typeof FeedbackPage>

/** `POST /api/missed-incidents`: something was wrong and nobody was told. */
export const MissedIncidentRequest = z
  .strictObject({
    service: z.string().min(1).max(256),
    started_at: Instant,
    ended_at: Instant.optional(),
    note: z.string().max(4096).optional(),
    author: z.string().max(256).optional(),
  })
  .meta({ id: 'MissedIncidentRequest' })
export type MissedIncidentRequest = z.infer<typeof MissedIncidentRequest>

export const MissedIncident = z
  .strictObject({
    id: z.string(),
    service: z.string(),
    started_at: Instant,
    ended_at: Instant,
    note: z.string().nullable(),
    author: z.string().nullable(),
    reported_at: Instant,
    entities: z
      .array(z.strictObject({ stream: z.string(), entity_id: z.string(), severity: z.number().nullable() }))
      .meta({ description: 'of the service, with the largest severity of that time' }),
  })
  .meta({ id: 'MissedIncident' })
export type MissedIncident = z.infer<typeof MissedIncident>

export const MissedIncidentPage = z
  .strictObject({ items: z.array(MissedIncident), next_cursor: z.string().nullable() })
  .meta({ id: 'MissedIncidentPage' })
export type MissedIncidentPage = z.infer<typeof MissedIncidentPage>

/** Something that stayed under its threshold, chosen by chance, to learn what is missed. */
export const Question = z
  .strictObject({
    id: z.string(),
    stream: z.string(),
    entity_id: z.string(),
    from: Instant,
    to: Instant,
    severity: z.number().min(0),
    probability: z.number().gt(0).max(1).meta({ description: 'with which it was chosen' }),
    text: z.string().meta({ example: 'Was anything wrong with shop/payment/payment-1 from 03:12 to 03:15?' }),
    asked_at: Instant,
  })
  .meta({ id: 'Question' })
export type Question = z.infer<typeof Question>

/** Newest first; answered ones are gone. */
export const QuestionList = z.strictObject({ items: z.array(Question) }).meta({ id: 'QuestionList' })
export type QuestionList = z.infer<typeof QuestionList>
