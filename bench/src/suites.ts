import { ingest } from './speed/ingest/ingest.ts'
import type { Benchmark } from './suite.ts'

/** Every benchmark there is. */
export const benchmarks: readonly Benchmark[] = [ingest]
