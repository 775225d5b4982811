import {
  AuditPage,
  AuditVerification,
  Client,
  ClientPage,
  FederationStatus,
  Invitation,
  RoundPage,
  Update,
  UpdatePage,
} from '@adf/contract/federation'
import { Config, configFaults, runFederationServer, verifyAuditFile } from '@adf/federation-server'
import { DatabaseError } from '@adf/service'
import type { Command } from 'commander'
import manifest from '../../package.json' with { type: 'json' }
import { registerSimulate } from '../federation/simulate.ts'
import { registerSite } from '../federation/site.ts'
import { auditText, clientsText, quarantineText, roundsText, statusText } from '../federation/tables.ts'
import { CommandFailed, exitStatus, UsageError } from '../output/failure.ts'
import { styled } from '../output/style.ts'
import { writeAnswer } from '../output/write.ts'
import { type Address, FEDERATION_SERVER, withAddress } from '../program/address.ts'
import { globalOptions, warned } from '../program/options.ts'
import { ServiceClient } from '../program/service-client.ts'
import { readConfigToStart } from '../program/service-config.ts'
import { exitWith } from '../program/service-process.ts'
import { parseDuration, parseWhole } from './arguments.ts'

const endOfHelp = `
Without a command it runs the federation server, until it is told to stop. Its configuration is a file of its own:
docs/federation-configuration.md. The commands talk to one that runs.
`

type Call<Options> = (server: ServiceClient, options: Options, json: boolean) => Promise<void>

/** `adf federation`: the server, and what its operators do with it. */
export function register(program: Command): void {
  const federation = program
    .command('federation')
    .description('run the federation server, or look after one that runs')
    .option('--insecure', 'listen beyond loopback without tokens or client certificates')
    .addHelpText('after', endOfHelp)
    .action((options: { insecure?: boolean }, command: Command) => run(options.insecure === true, command))
  lookingCommands(federation)
  reviewingCommands(federation)
  auditCommands(federation)
  registerSimulate(federation)
  registerSite(federation)
}

async function run(insecure: boolean, command: Command): Promise<void> {
  if (command.args.length > 0) throw new UsageError(`there is no command federation ${command.args[0]}`)
  const config = warned(await readConfigToStart({ Config, configFaults }, command, { insecure }))
  await exitWith(runFederationServer({ config, version: manifest.version, insecure }))
}

/** A command that asks a server, with what all of them have. */
function asking<Options extends Address>(
  parent: Command,
  usage: string,
  description: string,
  scope: 'read' | 'admin',
  call: Call<Options & { readonly id: string }>,
): Command {
  const command = withAddress(parent.command(usage).description(description), FEDERATION_SERVER, scope)
  return command.action(async (...args: unknown[]) => {
    const id = usage.includes('<') ? String(args[0]) : ''
    const options: Options = command.opts()
    await call(new ServiceClient(FEDERATION_SERVER, options), { ...options, id }, globalOptions(command).json)
  })
}

function lookingCommands(federation: Command): void {
  asking(
    federation,
    'status',
    'runs, clients and what waits for a review',
    'read',
    async (server, _, json) => {
      const status = await server.get('/api/status', FederationStatus)
      writeAnswer(json, status, () => statusText(status))
    },
  )
  asking<Address & { limit: number }>(
    federation,
    'clients',
    'enrolled clients by name: reputation, updates, bytes',
    'read',
    async (server, { limit }, json) => {
      const { items } = await server.get(`/api/clients?limit=${limit}`, ClientPage)
      writeAnswer(json, items, () => clientsText(items))
    },
  ).option('--limit <n>', 'how many', parseWhole, 100)
  asking<Address & { limit: number; run?: string }>(
    federation,
    'rounds',
    'rounds of a run, the newest first',
    'read',
    async (server, { limit, run }, json) => {
      const name = run ?? (await onlyRun(server))
      const { items } = await server.get(
        `/api/runs/${encodeURIComponent(name)}/rounds?limit=${limit}`,
        RoundPage,
      )
      writeAnswer(json, items, () => roundsText(items))
    },
  )
    .option('--run <name>', 'which run (default: the only one)')
    .option('--limit <n>', 'how many', parseWhole, 20)
  asking<Address & { limit: number }>(
    federation,
    'quarantine',
    'updates that are held back, and why',
    'read',
    async (server, { limit }, json) => {
      const { items } = await server.get(`/api/updates?state=quarantined&limit=${limit}`, UpdatePage)
      writeAnswer(json, items, () => quarantineText(items))
    },
  ).option('--limit <n>', 'how many', parseWhole, 100)
}

async function onlyRun(server: ServiceClient): Promise<string> {
  const { runs } = await server.get('/api/status', FederationStatus)
  const [only, ...others] = runs.map(({ run }) => run)
  if (only === undefined) throw new CommandFailed('the server has no run')
  if (others.length > 0) throw new UsageError(`--run is needed: there are ${[only, ...others].join(', ')}`)
  return only
}

interface NoteOptions extends Address {
  readonly note?: string
}

function reviewingCommands(federation: Command): void {
  const reviews = {
    release: 'let an update out of quarantine: it counts in the next round',
    reject: 'reject an update that is in quarantine',
  }
  for (const [decision, description] of Object.entries(reviews))
    asking<NoteOptions>(
      federation,
      `${decision} <update>`,
      description,
      'admin',
      async (server, { id, note }, json) => {
        const path = `/api/updates/${encodeURIComponent(id)}/${decision}`
        const update = await server.send('POST', path, { note }, Update)
        writeAnswer(json, update, () => `${update.id} of ${update.client} is ${update.state}`)
      },
    ).option('--note <text>', 'why, for the audit log')
  asking<NoteOptions>(
    federation,
    'revoke <client>',
    'revoke a client, for good: what it sent and is not aggregated is rejected',
    'admin',
    async (server, { id, note }, json) => {
      const client = await server.send(
        'POST',
        `/api/clients/${encodeURIComponent(id)}/revoke`,
        { note },
        Client,
      )
      writeAnswer(json, client, () => `${client.name} (${client.id}) is ${client.state}`)
    },
  ).option('--note <text>', 'why, for the audit log')
  asking<Address & { name?: string; sampleCap?: number; valid?: number; trusted?: boolean }>(
    federation,
    'invite',
    'make a one-time token that enrols a client',
    'admin',
    async (server, { name, sampleCap, valid, trusted = false }, json) => {
      const body = {
        name,
        sample_cap: sampleCap,
        trusted,
        valid_seconds: valid === undefined ? undefined : valid / 1000,
      }
      const invitation = await server.send('POST', '/api/invitations', body, Invitation)
      writeAnswer(json, invitation, () =>
        [
          styled('bold', invitation.token),
          '',
          `The token is shown this once. It enrols ${invitation.name ?? 'one client'}, until ${invitation.expires_at}.`,
        ].join('\n'),
      )
    },
  )
    .option('--name <name>', 'the only name that it is good for')
    .option('--sample-cap <n>', 'the most samples that an update of the client counts for', parseWhole)
    .option('--valid <duration>', 'how long, as in 12h or 7d', parseDuration)
    .option('--trusted', 'its updates are what fl_trust measures others by, and do not count themselves')
}

function auditCommands(federation: Command): void {
  const audit = asking<Address & { limit: number }>(
    federation,
    'audit',
    'the audit log, the newest line first',
    'read',
    async (server, { limit }, json) => {
      const { items } = await server.get(`/api/audit?limit=${limit}`, AuditPage)
      writeAnswer(json, items, () => auditText(items))
    },
  ).option('--limit <n>', 'how many lines', parseWhole, 50)
  withAddress(
    audit.command('verify').description('is every line as it was written; exit status 1 when not'),
    FEDERATION_SERVER,
    'read',
  )
    .option('--database <file>', 'of a database file, without a server')
    .action(async (_options, command: Command) => {
      const options: Address & { database?: string } = command.optsWithGlobals()
      const found = await verification(options)
      if (!found.sound) process.exitCode = exitStatus.failed
      writeAnswer(globalOptions(command).json, found, () =>
        found.sound
          ? `${styled('green', 'whole')}: ${found.entries} lines, the last with hash ${found.head}`
          : `${styled('red', 'broken')} at line ${found.broken_at}: ${found.reason}`,
      )
    })
}

async function verification({
  database,
  ...options
}: Address & { database?: string }): Promise<AuditVerification> {
  if (database === undefined)
    return new ServiceClient(FEDERATION_SERVER, options).get('/api/audit/verification', AuditVerification)
  return verifyAuditFile(database).catch((error: unknown) => {
    if (error instanceof DatabaseError) throw new CommandFailed(error.message)
    throw error
  })
}
