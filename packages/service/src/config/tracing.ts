import { z } from 'zod'
import { openUrl } from './credentials.ts'

/** The section `telemetry` of every service. */
export const tracing = z
  .strictObject({
    otlp_endpoint: openUrl('a local collector can add them')
      .optional()
      .meta({ description: 'OTLP/gRPC endpoint for the traces of ADF itself; off when left out' }),
  })
  .prefault({})
