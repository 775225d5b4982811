import { RoundWork } from '@adf/contract/federation'
import type { z } from 'zod'
import { type RunSettings, stepUp } from '../round/settings.ts'

/** What a round tells clients, but for its number, base and deadline: fixed when it is configured. */
export const RoundOrder = RoundWork.omit({ round: true, base: true, deadline: true })
export type RoundOrder = z.output<typeof RoundOrder>

/** @param secure decided when its clients were selected */
export function orderOf(settings: RunSettings, round: number, secure: boolean): RoundOrder {
  const { training, privacy } = settings
  return {
    training,
    step: stepUp(settings, round),
    privacy: privacy ? { clip_norm: privacy.clip_norm, noise_multiplier: privacy.noise_multiplier } : null,
    secure_aggregation: secure,
  }
}
