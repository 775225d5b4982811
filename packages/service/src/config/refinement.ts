import type { z } from 'zod'

/** A fault between keys that are good by themselves: for `superRefine` of a section. */
export const fault = (context: z.core.$RefinementCtx, path: PropertyKey[], message: string): void =>
  context.addIssue({ code: 'custom', path, message })
