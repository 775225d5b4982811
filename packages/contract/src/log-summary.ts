import { z } from 'zod'

const Count = z.number()
const Time = z.number().meta({ description: 'Unix milliseconds' })
const Name = z.string().max(4096)
/** Rows of one message: far more than fit into the megabyte that a broker takes. */
const MOST = 100_000
const MOST_SLOTS = 10_000
const MOST_TOKENS = 64

const TemplateId = z.int().min(0).meta({
  description: 'number of a template, of its service and words: the same in each partition; 0: none',
})

const Template = z
  .strictObject({
    service: Name,
    id: TemplateId.min(1),
    words: z.array(z.int32()).max(MOST_TOKENS).meta({
      description: 'by token: hash of the word; 0 where a value is, 1 where words vary',
    }),
    parts: z
      .array(z.string().max(256))
      .max(2 * MOST_TOKENS)
      .meta({
        description: 'by token: what stands before it, and the word itself; empty where a value is',
      }),
    example: z.string().max(1200),
  })
  .refine(({ words, parts }) => parts.length === 2 * words.length, 'has two parts for each word')

const ByTemplate = z.strictObject({
  id: TemplateId.min(1),
  slots: z
    .array(z.tuple([Time, Count.min(0), Count.min(0)]))
    .max(MOST_SLOTS)
    .meta({ description: 'begin of the slot; records, and those of them that belong to a span or trace' }),
})

const Transition = z.strictObject({
  from: TemplateId.min(1),
  to: TemplateId.min(1),
  slots: z.array(z.tuple([Time, Count.min(0)])).max(MOST_SLOTS),
})

const ExceptionType = z.strictObject({
  service: Name,
  type: Name,
  example: z.string().max(1200),
  slots: z.array(z.tuple([Time, Count.min(0)])).max(MOST_SLOTS),
})

export const LogSummary = z
  .strictObject({
    templates: z.array(Template).max(MOST).meta({
      description:
        'those that were not told before, or long ago: by whoever has the partition, since it took it over',
    }),
    records: z.array(ByTemplate).max(MOST),
    transitions: z.array(Transition).max(MOST).meta({
      description: 'one template after another within a span or trace, by the slot of the first',
    }),
    exceptions: z.array(ExceptionType).max(MOST),
  })
  .meta({
    id: 'LogSummary',
    description: 'what log records and events of spans of one step add to the evidence of logs',
  })
export type LogSummary = z.infer<typeof LogSummary>

/** Log records of one service entity, in the steps of its windows. */
export const RecordsOfService = z.strictObject({
  logs_at: Time.meta({ description: 'arrival of its last log records' }),
  recorded_at: Time.meta({ description: 'of its last record that a window takes; 0: none' }),
  steps: z
    .array(
      z.strictObject({
        at: Time.meta({ description: 'begin of the step of event time' }),
        records: Count.min(0),
        errors: Count.min(0).meta({ description: 'of severity ERROR and above' }),
        arrived_at: Time,
        templates: z.array(z.tuple([TemplateId, Count.min(0)])).max(MOST_SLOTS),
      }),
    )
    .max(MOST_SLOTS),
})
export type RecordsOfService = z.infer<typeof RecordsOfService>
