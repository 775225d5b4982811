import { z } from 'zod'

/** Where a round of secure aggregation is while it collects (docs/formats/secure-aggregation.md, "Steps"). */
export const SecurePhase = z.enum(['advertising', 'sharing', 'masking', 'confirming', 'unmasking'])
export type SecurePhase = z.output<typeof SecurePhase>

/** What a client sends in a phase. */
export const SecureStep = z.enum(['keys', 'shares', 'input', 'confirmation', 'answer'])
export type SecureStep = z.output<typeof SecureStep>

/** The phase in which a step is taken, and the step before it, without which a client has dropped out. */
export const stepPhases = {
  keys: { phase: 'advertising', before: undefined },
  shares: { phase: 'sharing', before: 'keys' },
  input: { phase: 'masking', before: 'shares' },
  confirmation: { phase: 'confirming', before: 'input' },
  answer: { phase: 'unmasking', before: 'confirmation' },
} as const satisfies Record<SecureStep, { phase: SecurePhase; before: SecureStep | undefined }>

/** What follows a phase: the move, and the phase that it leads to. */
export const nextPhases = {
  advertising: { move: 'share', to: 'sharing' },
  sharing: { move: 'mask', to: 'masking' },
  masking: { move: 'confirm', to: 'confirming' },
  confirming: { move: 'unmask', to: 'unmasking' },
} as const satisfies Record<
  Exclude<SecurePhase, 'unmasking'>,
  { move: 'share' | 'mask' | 'confirm' | 'unmask'; to: SecurePhase }
>
