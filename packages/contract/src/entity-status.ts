import { z } from 'zod'
import { Entity } from './entity.ts'
import { Instant, Score } from './scalar.ts'
import { ThresholdValue } from './threshold.ts'

export const FeatureStatus = z
  .strictObject({
    name: z.string(),
    unit: z.string(),
    value: z.number().nullable().meta({ description: 'latest value; null when missing' }),
    missing: z.string().nullable().meta({
      description: 'why there is no value, and what would give one; null when there is one',
      example: 'no system.memory.utilization or system.memory.usage arrived from this host',
    }),
  })
  .meta({ id: 'FeatureStatus' })
export type FeatureStatus = z.infer<typeof FeatureStatus>

export const EntityStream = z
  .strictObject({
    stream: z.string(),
    state: z.enum(['warming_up', 'scored']),
    learned: z.int().min(0).meta({ description: 'vectors learned' }),
    warm_up: z.int().min(0).meta({ description: 'vectors needed before the first is scored' }),
    score: Score.nullable().meta({ description: 'of the latest vector; null while warming up' }),
    threshold: ThresholdValue,
    initial_threshold: ThresholdValue.meta({ description: 'what it would be untuned' }),
    last_seen: Instant,
    features: z.array(FeatureStatus),
  })
  .meta({ id: 'EntityStream' })
export type EntityStream = z.infer<typeof EntityStream>

/** One row of `GET /api/entities`: what is scored of it, what is missing and why. */
export const EntityStatus = z
  .strictObject({
    entity: Entity,
    last_seen: Instant,
    streams: z.array(EntityStream),
    dialects: z.array(z.string()).meta({
      description: 'which metrics came, by which attribute names, in which temporality',
      example: ['system.cpu.time (cpu.mode, cumulative)'],
    }),
    delay_ms: z.number().nullable().meta({
      description: 'how long its windows wait for late telemetry; null without spans and logs',
    }),
    skew_ms: z.number().meta({
      description: 'how far its clock is ahead (negative: behind); 0 when nothing shows it',
    }),
    problem: z.string().nullable().meta({
      description: 'what is wrong with its telemetry and what to do about it; null when nothing is',
    }),
  })
  .meta({ id: 'EntityStatus' })
export type EntityStatus = z.infer<typeof EntityStatus>

export const EntityPage = z
  .strictObject({ items: z.array(EntityStatus), next_cursor: z.string().nullable() })
  .meta({ id: 'EntityPage', description: 'ordered by entity id' })
export type EntityPage = z.infer<typeof EntityPage>
