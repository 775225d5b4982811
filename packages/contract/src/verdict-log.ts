import { z } from 'zod'
import { Instant, Severity } from './scalar.ts'
import { ThresholdValue } from './threshold.ts'
import { Verdict, VerdictValue } from './verdict.ts'

/** What a verdict is about, of one entity in one stream: an anomaly, or those of an incident together. */
export const JudgedEpisode = z
  .strictObject({
    stream: z.string(),
    entity_id: z.string(),
    from: Instant,
    to: Instant,
    severity: Severity.meta({ description: 'the largest' }),
    threshold: ThresholdValue.meta({ description: 'in force then' }),
  })
  .meta({ id: 'JudgedEpisode' })
export type JudgedEpisode = z.infer<typeof JudgedEpisode>

export const VerdictEntry = z
  .strictObject({
    cursor: z.int().min(1),
    verdict: Verdict,
    previous: VerdictValue.nullable().meta({ description: "the same author's word that it replaces" }),
    withdrawn: z.boolean(),
    episodes: z.array(JudgedEpisode),
  })
  .meta({ id: 'VerdictEntry' })
export type VerdictEntry = z.infer<typeof VerdictEntry>

/** `GET /api/verdicts`: verdicts as they were given, changed and withdrawn, oldest first; an entry for each time. */
export const VerdictLog = z
  .strictObject({
    items: z.array(VerdictEntry),
    latest: z.int().min(0).meta({ description: 'cursor of the last entry there is; 0: none' }),
  })
  .meta({ id: 'VerdictLog' })
export type VerdictLog = z.infer<typeof VerdictLog>
