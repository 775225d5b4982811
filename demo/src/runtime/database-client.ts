import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { DATABASE } from '../shop/topology.ts'
import { WireClient } from './wire.ts'

type Row = Readonly<Record<string, string | number | null>>

export interface DatabaseClient {
  /** One statement; gives its rows, or none. `operation` and `table` name the span as drivers do: `SELECT products`. */
  query(sql: string, parameters?: readonly (string | number)[]): Promise<readonly Row[]>
}

const STATEMENT =
  /^\s*(SELECT|INSERT|UPDATE|DELETE)\b.*?\b(?:FROM|INTO|UPDATE)?\s*\b(products|stock|prices|carts|orders|payments|ledger)\b/is

/** A database driver with the spans that its instrumentation would make (semantic conventions for database clients). */
export function createDatabaseClient(service: string, port: () => number): DatabaseClient {
  const tracer = trace.getTracer('shop-db-driver', '1.0.0')
  const wire = new WireClient(port)
  return {
    async query(sql, parameters = []) {
      const [, operation = 'QUERY', table = ''] = STATEMENT.exec(sql) ?? []
      const name = `${operation.toUpperCase()} ${table}`.trim()
      const span = tracer.startSpan(name, {
        kind: SpanKind.CLIENT,
        attributes: {
          'db.system.name': 'sqlite',
          'db.namespace': 'shop',
          'db.operation.name': operation.toUpperCase(),
          'db.collection.name': table,
          'db.query.text': sql,
          'server.address': DATABASE,
          'server.port': port(),
        },
      })
      try {
        return (await wire.request('query', { service, sql, parameters })) as readonly Row[]
      } catch (error) {
        span.setStatus({ code: SpanStatusCode.ERROR, message: String(error) })
        span.setAttribute('error.type', 'connection')
        throw error
      } finally {
        span.end()
      }
    },
  }
}
