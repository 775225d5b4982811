import { z } from 'zod'

export const Instant = z.iso
  .datetime({ offset: true })
  .meta({ id: 'Instant', description: 'RFC 3339', example: '2026-03-01T03:12:05.250Z' })
export const Score = z.number().min(0).max(1).meta({
  id: 'Score',
  description:
    'min(1, -log10(p)/6), p = probability of a value at least this extreme in normal operation; 0.5 is one in a thousand',
})
export const Severity = z.number().min(0).meta({
  id: 'Severity',
  description:
    '-log10(p)/6: the score before it is capped at 1, so that 2 is one in a million millions; that of a violated fixed limit is 2 at least',
})
