import { duration } from '@adf/service'
import { z } from 'zod'

/** The section `incident`. */
export const incident = z
  .strictObject({
    open_after: z
      .int()
      .min(1)
      .default(2)
      .meta({ description: 'anomalous vectors of one entity in a row that open an incident' }),
    resolve_after: duration('2m').meta({
      description: 'an incident resolves after so long without a new anomaly',
    }),
    rank_window: duration('1m').meta({ description: 'how far before now the ranking looks, at most' }),
    max_open: z.int().min(1).default(200),
    max_anomalies: z
      .int()
      .min(1)
      .default(10_000)
      .meta({ description: 'anomalies held by one incident; later ones are counted only' }),
  })
  .prefault({})
