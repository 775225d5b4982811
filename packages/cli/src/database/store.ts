import { access } from 'node:fs/promises'
import {
  DEFAULT_PATH as WEBHOOK_PATH,
  ROLE as WEBHOOK_ROLE,
  Config as WebhookConfig,
  configFaults as webhookFaults,
  migrations as webhookMigrations,
} from '@adf/alertmanager-webhook'
import {
  assertUnused,
  DEFAULT_PATH as FEDERATION_PATH,
  Config as FederationConfig,
  configFaults as federationFaults,
  migrations as federationMigrations,
} from '@adf/federation-server'
import { DEFAULT_PATH, migrations, ROLE } from '@adf/processor'
import {
  type Claim,
  claimOpenDatabase,
  DatabaseError,
  type DatabasePlace,
  type OpenDatabase,
  openPlace,
  placeOf,
} from '@adf/service'
import type { Command } from 'commander'
import { configOf, warned } from '../program/options.ts'
import { readConfigToStart } from '../program/service-config.ts'

const FEDERATION = { Config: FederationConfig, configFaults: federationFaults }
const WEBHOOK = { Config: WebhookConfig, configFaults: webhookFaults }

/** The store of a service, as its configuration names it. */
export interface ConfiguredStore {
  readonly place: DatabasePlace
  readonly migrations: typeof migrations
  /** Keeps its service away from it, or rejects with a DatabaseError when the service is there. */
  readonly hold: (db: OpenDatabase, place: DatabasePlace) => Promise<Claim>
}

export type Service = 'processor' | 'federation' | 'webhook'

/** Where each keeps its tables in PostgreSQL unless it is told otherwise. */
export const SCHEMAS: Readonly<Record<Service, string>> = {
  processor: 'adf',
  federation: 'adf_federation',
  webhook: 'adf_webhook',
}

export const storeOf = (command: Command, service: Service): Promise<ConfiguredStore> =>
  STORES[service](command)

const STORES: Readonly<Record<Service, (command: Command) => Promise<ConfiguredStore>>> = {
  processor: async (command) => ({
    place: placeOf(configOf(command).store, DEFAULT_PATH),
    migrations,
    hold: claiming(ROLE),
  }),
  async federation(command) {
    const { store } = warned(await readConfigToStart(FEDERATION, command, { insecure: true }))
    return {
      place: placeOf(store, FEDERATION_PATH),
      migrations: federationMigrations,
      // Servers take turns by a lease: while one has it they are at work.
      async hold(db) {
        await assertUnused(db, Date.now())
        return { release: async () => {} }
      },
    }
  },
  async webhook(command) {
    const { store } = warned(await readConfigToStart(WEBHOOK, command, { insecure: true }))
    return {
      place: placeOf(store, WEBHOOK_PATH),
      migrations: webhookMigrations,
      hold: claiming(WEBHOOK_ROLE),
    }
  },
}

const claiming =
  (role: string): ConfiguredStore['hold'] =>
  (db, place) =>
    claimOpenDatabase(db, { place, role, lostClaim: () => {} })

/** Opens a database that must be there already, lets `work` use it, and closes it. */
export async function withExisting<T>(
  place: DatabasePlace,
  work: (db: OpenDatabase) => Promise<T>,
): Promise<T> {
  if (place.url === undefined)
    await access(place.path).catch((cause: unknown) => {
      throw new DatabaseError(`there is no database ${place.path}`, { cause })
    })
  return withDatabase(place, work)
}

/** Opens a database, makes it when it is not there, lets `work` use it, and closes it. */
export async function withDatabase<T>(
  place: DatabasePlace,
  work: (db: OpenDatabase) => Promise<T>,
): Promise<T> {
  const db = await openPlace<unknown>(place)
  try {
    return await work(db)
  } finally {
    await db.destroy()
  }
}
