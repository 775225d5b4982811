import type { TestProject } from 'vitest/node'
import { PASSWORD, startPostgres } from './postgresql.ts'
import { needs } from './servers.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Of an empty database of a server that all test files of the run share; undefined when PostgreSQL is not here. */
    postgres: { readonly url: string; readonly password: string } | undefined
  }
}

/** One PostgreSQL for all tests of stores: each takes a schema of its own. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const missing = needs('postgresql')
  const inCi = process.env['CI'] !== undefined && process.env['CI'] !== ''
  if (missing !== undefined && !inCi) {
    process.stderr.write(`The tests of stores in PostgreSQL are skipped: ${missing}\n`)
    project.provide('postgres', undefined)
    return undefined
  }
  const server = await startPostgres()
  project.provide('postgres', { url: server.url(), password: PASSWORD })
  return () => server.stop()
}
