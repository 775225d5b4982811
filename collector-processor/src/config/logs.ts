import { bytes } from '@adf/service'
import { z } from 'zod'

/** The section `logs`. */
export const logs = z
  .strictObject({
    max_templates: z.int().min(100).default(50_000).meta({
      description: 'log templates kept in all; the least used make room for new ones',
    }),
    max_templates_per_service: z
      .int()
      .min(10)
      .default(500)
      .meta({ description: 'log templates kept for one service, likewise' }),
    max_transitions: z.int().min(100).default(100_000).meta({
      description: 'pairs of templates that follow each other within a span, likewise',
    }),
    max_exceptions: z
      .int()
      .min(10)
      .default(10_000)
      .meta({ description: 'types of exceptions, each of one service, likewise' }),
    max_open_spans: z.int().min(1000).default(131_072).meta({
      description:
        'spans whose last log record is remembered for the next one, rounded up to a power of two; a transition is lost when two of them fall on one place',
    }),
    max_line: bytes('4KiB').meta({ description: 'bytes of a log line that are read for its template' }),
  })
  .prefault({})
