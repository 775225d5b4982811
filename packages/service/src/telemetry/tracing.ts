import type { Component } from '../lifecycle/component.ts'

/**
 * Sends the spans of ADF itself (made with @opentelemetry/api) to an OTLP/gRPC endpoint such as http://127.0.0.1:4317.
 * Without an endpoint it does nothing, and the OpenTelemetry SDK is not even loaded. An endpoint that is down costs the
 * spans, never the service.
 */
export function createTelemetry(options: { serviceName: string; endpoint?: string | undefined }): Component {
  const { serviceName, endpoint } = options
  let shutdown: (() => Promise<void>) | undefined
  return {
    name: 'telemetry',
    start: async () => {
      if (endpoint === undefined) return
      const [{ NodeSDK }, { OTLPTraceExporter }] = await Promise.all([
        import('@opentelemetry/sdk-node'),
        import('@opentelemetry/exporter-trace-otlp-grpc'),
      ])
      const sdk = new NodeSDK({
        serviceName,
        traceExporter: new OTLPTraceExporter({ url: endpoint, timeoutMillis: 5000 }),
        metricReaders: [],
        logRecordProcessors: [],
        instrumentations: [],
      })
      sdk.start()
      shutdown = () => sdk.shutdown()
    },
    stop: async () => {
      const stop = shutdown
      shutdown = undefined
      // Spans that the endpoint does not take at the end are lost, which is no failure of this service.
      await stop?.().catch(() => {})
    },
  }
}
