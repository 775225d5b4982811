export { type FeedbackLink, FeedbackLinks } from './auth/feedback-link.ts'
export { ensureKeyFile, type KeySource, readKeys } from './auth/key-file.ts'
export {
  type Authorization,
  createToken,
  type Scope,
  scopes,
  TokenAuthority,
  type TokenEntry,
} from './auth/tokens.ts'
export { clientTls } from './config/client-tls.ts'
export { isSecretName, openUrl, withoutCredentials } from './config/credentials.ts'
export { type ConfigRow, describeConfig } from './config/describe.ts'
export { otherVariables, variableOf } from './config/environment.ts'
export { ConfigError, type ConfigFault } from './config/fault.ts'
export { type Listener, listener, tls } from './config/listener.ts'
export { type Loaded, type LoadOptions, loadConfig } from './config/load.ts'
export { logging } from './config/logging.ts'
export { formatPath } from './config/path.ts'
export { printConfig, shownConfig } from './config/print.ts'
export { fault } from './config/refinement.ts'
export { bytes, duration, port } from './config/scalars.ts'
export { tokens } from './config/tokens.ts'
export { tracing } from './config/tracing.ts'
export { type Claim, claimDatabase, claimOpenDatabase, shareOpenDatabase } from './database/claim.ts'
export { CommitQueueClosed, CommitQueueFull, GroupCommit, type Write } from './database/commit.ts'
export { backUp } from './database/copy/backup.ts'
export { type CopiedTable, copyDatabase } from './database/copy/copy.ts'
export { DatabaseError, DatabaseUnwritable } from './database/error.ts'
export { GatheredWrites, type Outcome } from './database/gathered-writes.ts'
export { fenceOf, type LeaseStore, type LeaseTables, SqlLeases } from './database/leases.ts'
export { databaseMetrics } from './database/metrics.ts'
export { appliedMigrations, migrate, migrateDown } from './database/migrate.ts'
export { type OpenDatabase, openDatabase, openPlace } from './database/open.ts'
export {
  type DatabasePlace,
  nameOfPlace,
  type PostgresPlace,
  placeFaults,
  placeKeys,
  placeOf,
} from './database/place.ts'
export { portions } from './database/portions.ts'
export {
  DailyPartitions,
  type DailyTable,
  type KeyRange,
  leastUuid,
} from './database/postgres/daily-partitions.ts'
export { DatabaseUnavailable } from './database/postgres/fault.ts'
export { examinePostgres } from './database/postgres/open.ts'
export { createApiApp } from './http/api.ts'
export { codes, type ErrorCode } from './http/codes.ts'
export {
  type Call,
  type Endpoint,
  Endpoints,
  expressPath,
  type Handle,
  mount,
  requireType,
} from './http/endpoints.ts'
export { problemHandler, toProblem, unknownRoute } from './http/errors.ts'
export { requireScope } from './http/guard.ts'
export { createHttpListener, type HttpListener, listenFault } from './http/listener.ts'
export { listenerFaults } from './http/listener-faults.ts'
export { asksForOwnHost, foreignHost, isOwnHost } from './http/own-host.ts'
export { type PathError, ProblemError } from './http/problem.ts'
export { type RateLimit, RateLimiter } from './http/rate.ts'
export { safeHeaders } from './http/requests.ts'
export { assertSafeListener, isLoopback } from './http/safety.ts'
export { type TlsOptions, tlsOptions } from './http/tls.ts'
export { closing } from './lifecycle/closing.ts'
export type { Component } from './lifecycle/component.ts'
export { ComponentError, Lifecycle } from './lifecycle/lifecycle.ts'
export { runProcess } from './lifecycle/process.ts'
export { type Readiness, ReadinessSwitch } from './lifecycle/readiness.ts'
export { type Recurring, recurring } from './lifecycle/recurring.ts'
export { StartFault } from './lifecycle/start-fault.ts'
export { createLogger, type Logger } from './logging/logger.ts'
export { createEventLoopMonitor } from './metrics/event-loop.ts'
export { createRegistry } from './metrics/registry.ts'
export { createTelemetry } from './telemetry/tracing.ts'
