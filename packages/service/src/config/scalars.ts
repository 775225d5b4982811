import parseBytes from 'bytes'
import ms from 'ms'
import { z } from 'zod'

/** A duration as people write it (`250ms`, `10s`, `5m`, `1h`, `30d`), or a number of milliseconds; read as milliseconds. */
export const duration = (fallback: string, bounds: { min?: string; max?: string } = {}) =>
  z
    .union([z.string(), z.number()])
    .transform((value, context) => {
      const parsed = typeof value === 'number' ? value : ms(value as ms.StringValue)
      const low = bounds.min === undefined ? 0 : ms(bounds.min as ms.StringValue)
      const high = bounds.max === undefined ? Number.POSITIVE_INFINITY : ms(bounds.max as ms.StringValue)
      if (!Number.isFinite(parsed)) {
        context.addIssue({
          code: 'custom',
          message: `expected a duration such as 250ms, 10s or 5m, got ${JSON.stringify(value)}`,
        })
        return z.NEVER
      }
      if (parsed < low || parsed > high) {
        context.addIssue({
          code: 'custom',
          message: `must be from ${bounds.min ?? '0s'} to ${bounds.max ?? 'any length'}, got ${JSON.stringify(value)}`,
        })
        return z.NEVER
      }
      return parsed
    })
    .default(ms(fallback as ms.StringValue))
    .meta({ kind: 'duration', shown: fallback })

/** A size as people write it (`64MiB`, `1GB`, both read as powers of 1024 by the `bytes` package), or a number of bytes. */
export const bytes = (fallback: string) =>
  z
    .union([z.string(), z.number()])
    .transform((value, context) => {
      const parsed = typeof value === 'number' ? value : parseBytes(value.replace(/iB$/, 'B'))
      if (parsed === null || !Number.isFinite(parsed) || parsed < 0) {
        context.addIssue({
          code: 'custom',
          message: `expected a size such as 64MiB, got ${JSON.stringify(value)}`,
        })
        return z.NEVER
      }
      return parsed
    })
    .default(parseBytes(fallback.replace(/iB$/, 'B')) ?? 0)
    .meta({ kind: 'bytes', shown: fallback })

export const port = (fallback: number) => z.int().min(0).max(65535).default(fallback)
