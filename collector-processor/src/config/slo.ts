import { duration, fault } from '@adf/service'
import { z } from 'zod'
import { checkDocument } from '../slo/document-faults.ts'

/** The section `slo`. */
export const slo = z
  .strictObject({
    objective: z.number().gt(0).lt(1).default(0.999).meta({
      description: 'share of requests that must succeed, for services without an objective of their own',
    }),
    services: z
      .record(z.string(), z.number().gt(0).lt(1))
      .default({})
      .meta({ description: 'share of requests that must succeed, by service' }),
    files: z
      .array(z.string().min(1))
      .default([])
      .meta({ description: 'YAML files of OpenSLO documents; wildcards are taken, as in slo/*.yaml' }),
    objectives: z
      .array(z.record(z.string(), z.unknown()))
      .default([])
      .superRefine((documents, context) => {
        for (const [at, value] of documents.entries())
          for (const { path, message } of checkDocument(value).faults) fault(context, [at, ...path], message)
      })
      .meta({ description: 'OpenSLO documents (apiVersion openslo/v1, kind SLO)' }),
    alerts: z.enum(['none', 'named', 'all']).default('named').meta({
      description:
        "whose burn-rate alerts go to Alertmanager: nobody's (as when Prometheus alerts by adf slo rules), those of documents and of slo.services, or those of the default objective too",
    }),
    max_services: z.int().min(1).max(5000).default(500).meta({
      description: 'services whose requests are counted; 104 kB of memory each, and as much for each latency',
    }),
    max_series: z.int().min(1).default(20_000).meta({
      description:
        'series of request duration histograms that are counted; points of others are counted as left out',
    }),
    save_interval: duration('10s', { min: '1s', max: '10m' }).meta({
      description: 'how often counts are saved: a crash loses at most so much',
    }),
  })
  .prefault({})
