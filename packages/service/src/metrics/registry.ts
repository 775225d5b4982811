import type { RequestHandler } from 'express'
import { collectDefaultMetrics, Registry } from 'prom-client'

// Gauges whose names end in _total, which `promtool check metrics` objects to; the same without the suffix stay.
const misnamed = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
]

/** A registry with the usual `process_*` and `nodejs_*` metrics, unless `processMetrics` is false. */
export function createRegistry({ processMetrics = true }: { processMetrics?: boolean } = {}): Registry {
  const registry = new Registry()
  if (processMetrics) {
    collectDefaultMetrics({ register: registry })
    for (const name of misnamed) registry.removeSingleMetric(name)
  }
  return registry
}

/** GET /metrics in the Prometheus text format. */
export function metricsHandler(registry: Registry): RequestHandler {
  return async (_request, response) => {
    response.set('content-type', registry.contentType).send(await registry.metrics())
  }
}
