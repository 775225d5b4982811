import { copyFileSync, rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { AuditVerification, Run } from '@adf/contract/federation'
import type { ClientKey } from '@adf/federation/signature'
import { weightsHash } from '@adf/federation/weights'
import { Agent } from 'undici'
import { z } from 'zod'
import { Learner, type Model } from '../server/learner.ts'
import type { ServerArguments } from '../server/messages.ts'
import { ServerProcess } from '../server/server-process.ts'
import { expected, json, Site } from '../server/site.ts'

const RUN = 'service-lstm'
const MODEL: Model = { network: { kind: 'lstm', inputs: 3, hidden: 8, layers: 1 }, seed: 7 }
/** After a connection that was cut, or before the server is there again. */
const RETRY_MS = 20

const configOf = (path: string, rounds: number) => ({
  log: { level: 'error' },
  api: { port: 0 },
  store: { path },
  lease: '200ms',
  clients: { requests_per_second: 10_000, burst: 10_000 },
  federated: {
    coordinator: { gather: 0, num_rounds: rounds, round_deadline: '10m', min_clients_per_round: SITES },
    runs: { [RUN]: { features: ['a', 'b', 'c'], hidden_size: 8, num_layers: 1, seed: MODEL.seed } },
  },
})
const SITES = 3

export type Identity = { readonly id: string; readonly key: ClientKey }

/** When a server is killed: at a durable step, or so many milliseconds after it was started. */
export type Kill = { readonly at: NonNullable<ServerArguments['at']> } | { readonly afterMs: number }

export interface Outcome {
  /** Of the weights that all sites ended with. */
  readonly hash: string
  readonly kills: number
  /** Updates with a receipt that no version was made of. */
  readonly lost: number
  /** Updates that versions were made of, beyond one of each site in each round. */
  readonly double: number
  readonly auditOk: boolean
}

/** Enrols the sites in a new database, where all runs begin: with the same ids and the same secret. */
export async function begin(path: string, rounds: number): Promise<Identity[]> {
  const server = await ServerProcess.start({ config: configOf(path, rounds) })
  if (server === undefined) throw new Error('the server did not start')
  const dispatcher = new Agent()
  const identities: Identity[] = []
  for (let i = 0; i < SITES; i++) {
    const { id, key } = await Site.enrol(server.url, dispatcher, `site-${i}`)
    identities.push({ id, key })
  }
  await dispatcher.destroy()
  await server.stop()
  return identities
}

/** A whole run from a copy of the beginning, on a server that is killed and started again as `kills` says, until there are no more; sites try again until they are answered. */
export async function train(
  {
    beginning,
    path,
    identities,
    rounds,
  }: { beginning: string; path: string; identities: readonly Identity[]; rounds: number },
  next: () => Kill | undefined,
): Promise<Outcome> {
  for (const left of ['-wal', '-shm']) rmSync(`${path}${left}`, { force: true })
  copyFileSync(beginning, path)
  const dispatcher = new Agent({ connections: null })
  const learners = identities.map((each, i) => new Learner(new Site('', dispatcher, each), i + 1, MODEL))
  let server: ServerProcess | undefined
  let over = false
  let killed = 0
  const serving = (async () => {
    while (!over) {
      const kill = next()
      const config = configOf(path, rounds)
      let timer: NodeJS.Timeout | undefined
      const started = await ServerProcess.start({
        config,
        at: kill !== undefined && 'at' in kill ? kill.at : undefined,
        started: (child) => {
          if (kill !== undefined && 'afterMs' in kill)
            timer = setTimeout(() => child.kill('SIGKILL'), kill.afterMs)
        },
      })
      server = started
      const signal = await started?.ended
      server = undefined
      clearTimeout(timer)
      if (started === undefined || signal === 'SIGKILL') killed++
    }
  })()
  const done = Promise.all(
    learners.map(async (learner) => {
      while (learner.version < rounds) {
        if (server === undefined) await sleep(RETRY_MS)
        else {
          learner.site.url = server.url
          await learner.takeTurn(RUN, 5).catch(() => sleep(RETRY_MS))
        }
      }
    }),
  )
  await done
  over = true
  await (server as ServerProcess | undefined)?.stop()
  await serving
  await dispatcher.destroy()
  const hashes = new Set(learners.map(({ weights }) => weightsHash(weights)))
  return { hash: [...hashes].join(' '), kills: killed, ...(await looked(path, rounds, learners)) }
}

const Updates = z.looseObject({
  items: z.array(
    z.looseObject({ client_id: z.string(), round: z.number(), state: z.string(), hash: z.string() }),
  ),
  next_cursor: z.string().nullable(),
})

/** What the database says in the end, by a server of its own. */
async function looked(path: string, rounds: number, learners: readonly Learner[]) {
  const server = await ServerProcess.start({ config: configOf(path, rounds) })
  if (server === undefined) throw new Error('the server did not start in the end')
  const dispatcher = new Agent()
  const reader = new Site(server.url, dispatcher, learners[0]!.site)
  const get = async (from: string) => json(expected(await reader.raw('GET', from, undefined, {}), 200))
  const aggregated = new Map<string, string>()
  let counted = 0
  let cursor: string | null = ''
  while (cursor !== null) {
    const page = Updates.parse(
      await get(`/api/updates?run=${RUN}&limit=500${cursor === '' ? '' : `&cursor=${cursor}`}`),
    )
    for (const { client_id, round, state, hash } of page.items) {
      if (state !== 'aggregated') continue
      counted++
      aggregated.set(`${client_id} ${round}`, hash)
    }
    cursor = page.next_cursor
  }
  const { version } = Run.parse(await get(`/api/runs/${RUN}`))
  const { sound } = AuditVerification.parse(await get('/api/audit/verification'))
  await dispatcher.destroy()
  await server.stop()
  const receipts = learners.flatMap(({ site, receipts: of }) =>
    [...of].map(([round, hash]) => aggregated.get(`${site.id} ${round}`) === hash),
  )
  return {
    lost: receipts.filter((there) => !there).length,
    double: counted - aggregated.size + Math.max(0, aggregated.size - SITES * version),
    auditOk: sound,
  }
}
