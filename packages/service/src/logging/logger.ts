import { isSpanContextValid, trace } from '@opentelemetry/api'
import { destination, type Logger, type LoggerOptions, pino, stdTimeFunctions, transport } from 'pino'

export type { Logger }

const secrets = [
  'authorization',
  'token',
  'password',
  'headers.authorization',
  'headers.cookie',
  'req.headers.authorization',
  'req.headers.cookie',
  '*.token',
  '*.password',
  '*.authorization',
]

/**
 * JSON lines on standard error: `time` (RFC 3339), `level` in words, `name`, `msg`, and `trace_id` and `span_id` of the
 * active OpenTelemetry span. Fields that hold credentials are replaced by [secret]. `pretty` is for people at a
 * terminal.
 */
export function createLogger(options: { name: string; level?: string; pretty?: boolean }): Logger {
  const settings: LoggerOptions = {
    name: options.name,
    level: options.level ?? 'info',
    timestamp: stdTimeFunctions.isoTime,
    mixin: activeSpan,
    redact: { paths: secrets, censor: '[secret]' },
  }
  if (options.pretty) {
    return pino(
      settings,
      transport({ target: 'pino-pretty', options: { destination: 2, ignore: 'pid,hostname' } }),
    )
  }
  // Synchronous, so that the line that says why a process ends is never lost.
  return pino(
    { ...settings, formatters: { level: (level) => ({ level }) } },
    destination({ dest: 2, sync: true }),
  )
}

function activeSpan(): Record<string, string> {
  const context = trace.getActiveSpan()?.spanContext()
  if (context === undefined || !isSpanContextValid(context)) return {}
  return { trace_id: context.traceId, span_id: context.spanId }
}
