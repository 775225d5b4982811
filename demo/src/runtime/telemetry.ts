/**
 * Loaded with `--import` before anything else of a service: the OpenTelemetry SDK, set up by OTEL_* variables as in any other
 * service, with the instrumentations that this shop needs. (The whole of auto-instrumentations-node would take each of ten processes
 * another 0.25 s of processor time to start.)
 */
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc'
import { ExpressInstrumentation } from '@opentelemetry/instrumentation-express'
import { GrpcInstrumentation } from '@opentelemetry/instrumentation-grpc'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { PinoInstrumentation } from '@opentelemetry/instrumentation-pino'
import { NodeSDK } from '@opentelemetry/sdk-node'
import { register } from 'import-in-the-middle/register-hooks.mjs'
import { seeOwnContainerOnly } from './container.ts'

// The services are ES modules, which patching `require` does not reach. In-thread hooks: no loader thread to start.
register({ include: ['http', 'node:http', 'express', '@grpc/grpc-js', 'pino'] })

new NodeSDK({
  traceExporter: new OTLPTraceExporter(),
  instrumentations: [
    new HttpInstrumentation(),
    new ExpressInstrumentation(),
    new GrpcInstrumentation(),
    new PinoInstrumentation(),
  ],
}).start()

seeOwnContainerOnly()
// Loading it takes the first sample already, so not before.
const { HostMetrics } = await import('@opentelemetry/host-metrics')
new HostMetrics({ metricGroups: ['system.cpu', 'process.cpu', 'process.memory'] }).start()
