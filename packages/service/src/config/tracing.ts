import { z } from 'zod'

/** The section `telemetry` of every service. */
export const tracing = z
  .strictObject({
    otlp_endpoint: z
      .url()
      .optional()
      .meta({ description: 'OTLP/gRPC endpoint for the traces of ADF itself; off when left out' }),
  })
  .prefault({})
