import { z } from 'zod'
import { Anomaly } from './anomaly.ts'
import { Incident } from './incident.ts'

const NextCursor = z
  .string()
  .nullable()
  .meta({ description: 'give it as `cursor` to get the next page; null on the last one' })

/** Newest first. */
export const AnomalyPage = z
  .strictObject({ items: z.array(Anomaly), next_cursor: NextCursor })
  .meta({ id: 'AnomalyPage' })
export type AnomalyPage = z.infer<typeof AnomalyPage>

/** Newest first. */
export const IncidentPage = z
  .strictObject({ items: z.array(Incident), next_cursor: NextCursor })
  .meta({ id: 'IncidentPage' })
export type IncidentPage = z.infer<typeof IncidentPage>
