import { z } from 'zod'
import { clientTls } from '../config/client-tls.ts'
import { fault } from '../config/refinement.ts'
import { duration } from '../config/scalars.ts'
import { addressFaults } from './postgres/address.ts'

/** A PostgreSQL database as the configuration names it. Times in milliseconds. */
export interface PostgresPlace {
  readonly url: string
  readonly password?: string | undefined
  readonly password_file?: string | undefined
  readonly schema: string
  readonly tls?:
    | {
        readonly ca_file?: string | undefined
        readonly cert_file?: string | undefined
        readonly key_file?: string | undefined
      }
    | undefined
  readonly pool_size: number
  readonly connect_timeout: number
  readonly statement_timeout: number
}

/** Where a database is: an SQLite file, or PostgreSQL. */
export type DatabasePlace = { readonly path: string; readonly url?: undefined } | PostgresPlace

/**
 * The keys that say where a database is, for the section `store` of a service. Refine the section by `placeFaults`, and
 * read it by `placeOf`. `schema` keeps the tables of several services apart in one PostgreSQL database.
 */
export const placeKeys = (defaults: { path: string; schema: string }) => ({
  path: z.string().min(1).optional().meta({
    description: 'SQLite file; :memory: keeps nothing. Not together with url',
    shown: defaults.path,
  }),
  url: z.string().optional().meta({
    description:
      'PostgreSQL instead of a file, such as postgres://adf@db.example:5432/adf; ?sslmode=verify-full turns TLS on',
  }),
  password: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'of the user of url; better by password_file or ADF_STORE__PASSWORD' }),
  password_file: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'file that holds it, instead; read again for each connection' }),
  schema: z
    .string()
    .regex(/^[a-z_][a-z0-9_]{0,62}$/, 'expected lower-case letters, digits and _, 63 at most')
    .default(defaults.schema)
    .meta({ description: 'of PostgreSQL; made when it is not there' }),
  tls: clientTls.optional().meta({ description: 'towards PostgreSQL; an empty section trusts the system' }),
  pool_size: z
    .int()
    .min(2)
    .max(100)
    .default(10)
    .meta({ description: 'connections to PostgreSQL at most; one more holds the claim' }),
  connect_timeout: duration('5s', { min: '100ms', max: '1m' }).meta({
    description: 'longest wait for a connection to PostgreSQL, or for a free one',
  }),
  statement_timeout: duration('30s', { min: '1s', max: '10m' }).meta({
    description: 'longest time that PostgreSQL may take for one statement, locks of others included',
  }),
})

type Section = Omit<PostgresPlace, 'url'> & {
  readonly path?: string | undefined
  readonly url?: string | undefined
}

/** What the keys of a place must be together: for `superRefine` of the section. */
export function placeFaults(section: Section, context: z.core.$RefinementCtx): void {
  const { path, url, password, password_file, tls } = section
  if (url === undefined) {
    const needless = { password, password_file, tls }
    for (const [key, value] of Object.entries(needless))
      if (value !== undefined) fault(context, [key], 'is for PostgreSQL: set url too')
    return
  }
  if (path !== undefined) fault(context, ['url'], 'cannot be together with path: one of them is the store')
  for (const message of addressFaults(url)) fault(context, ['url'], message)
  if (password !== undefined && password_file !== undefined)
    fault(context, ['password_file'], 'cannot be together with password')
}

/** The place that a section names. @param path of the file when it names none */
export const placeOf = (section: Section, path: string): DatabasePlace =>
  section.url === undefined ? { path: section.path ?? path } : { ...section, url: section.url }

/** How the place is told to people; without a password. */
export function nameOfPlace(place: DatabasePlace): string {
  if (place.url === undefined) return place.path
  const { host, pathname } = new URL(place.url)
  return `postgres://${host}${pathname} (schema ${place.schema})`
}
