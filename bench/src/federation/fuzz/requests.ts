import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AuditVerification, Run } from '@adf/contract/federation'
import { seeded } from '@adf/detectors'
import { decodeUpdate } from '@adf/detectors/update'
import { Agent } from 'undici'
import { cpuSeconds } from '../../speed/ingest/process-usage.ts'
import { Learner } from '../server/learner.ts'
import { ServerProcess } from '../server/server-process.ts'
import { expected, json, Site } from '../server/site.ts'
import { Intruder, type Target } from './intruder.ts'

const RUN = 'service-lstm'
const NETWORK = { kind: 'lstm', inputs: 3, hidden: 8, layers: 1 } as const
const SEED = 7
const HONEST = 4
const INTRUDERS = 2
/** Requests under way at once. */
const AT_ONCE = 8
/** Share of the requests before memory is first looked at. */
const WARM_UP = 0.2

export interface RequestsResult {
  readonly requests: number
  /** The server's process ended. */
  readonly crashes: number
  /** Values of the final weights that are not finite. */
  readonly notFinite: number
  /** Rounds that the honest ones got done meanwhile. */
  readonly rounds: number
  readonly auditOk: number
  readonly beforeMb: number
  readonly afterMb: number
  readonly cpuSeconds: number
  /** Answers by status code; `none` where the connection was cut. */
  readonly answers: Readonly<Record<string, number>>
}

/** Mutated requests at the door of a real server, while honest sites train on it. */
export async function fuzzRequests(
  count: number,
  seed: number,
  progress: (text: string) => void,
): Promise<RequestsResult> {
  const folder = mkdtempSync(join(tmpdir(), 'adf-fuzz-'))
  const server = await ServerProcess.start({
    config: {
      log: { level: 'silent' },
      api: { port: 0 },
      store: { path: join(folder, 'federation.db') },
      clients: { requests_per_second: 1e6, burst: 1e6 },
      federated: {
        // As many updates as there are honest ones end a round.
        coordinator: {
          num_rounds: 1e6,
          min_clients_per_round: 3,
          gather: '100ms',
          round_deadline: '5s',
          quorum: 0.6,
        },
        runs: {
          [RUN]: { features: ['a', 'b', 'c'], hidden_size: NETWORK.hidden, num_layers: 1, seed: SEED },
        },
      },
    },
  })
  if (server === undefined) throw new Error('the server did not start')
  let alive = true
  void server.ended.then(() => {
    alive = false
  })
  const dispatcher = new Agent({ connections: null })
  let over = false
  try {
    const enrol = (name: string) => Site.enrol(server.url, dispatcher, name)
    const learners = await Promise.all(
      Array.from({ length: HONEST }, async (_, i) => {
        return new Learner(await enrol(`site-${i}`), i + 1, { network: NETWORK, seed: SEED })
      }),
    )
    const intruders = await Promise.all(
      Array.from({ length: INTRUDERS }, async (_, i) => {
        const site = await enrol(`intruder-${i}`)
        return { site, intruder: new Intruder(site, seeded(seed + i)) }
      }),
    )
    const training = learners.map(async (learner) => {
      // A round that goes on without one answers its update with 4xx: it takes the next.
      while (!over && alive) await learner.takeTurn(RUN, 1).catch(pause)
    })
    const first = intruders[0]!
    let target: Target = { run: RUN, network: NETWORK, round: 1, version: 0 }
    const watching = (async () => {
      while (!over && alive) {
        const work = await first.site.work(RUN, undefined, 0).catch(() => undefined)
        if (work !== undefined)
          target = { ...target, version: work.version, round: work.round?.round ?? work.version + 1 }
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    })()
    const answers: Record<string, number> = {}
    const rng = seeded(seed)
    const names = Object.keys(first.intruder.deeds)
    let sent = 0
    let beforeMb = Number.NaN
    const work = async () => {
      while (sent < count && alive) {
        const number = sent++
        if (number === Math.floor(WARM_UP * count)) beforeMb = rssMb(server.pid)
        if (number % 5000 === 0) progress(`${number} of ${count} requests, version ${target.version}`)
        const { intruder } = intruders[number % INTRUDERS]!
        const name = names[Math.floor(rng() * names.length)]!
        const answer = await intruder.deeds[name]!(target).catch(() => undefined)
        const status = String(answer?.status ?? 'none')
        answers[status] = (answers[status] ?? 0) + 1
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
    const afterMb = alive ? rssMb(server.pid) : Number.NaN
    over = true
    await Promise.all([...training, watching])
    return {
      requests: sent,
      crashes: Number(!alive),
      beforeMb,
      afterMb,
      answers,
      cpuSeconds: alive ? cpuSeconds(server.pid) : Number.NaN,
      ...(await state(learners[0]!)),
    }
  } finally {
    over = true
    await dispatcher.destroy()
    await server.stop()
    rmSync(folder, { recursive: true })
  }
}

/** @throws Error when the server does not answer any more */
async function state({ site, weights }: Learner) {
  const get = async (path: string) => json(expected(await site.raw('GET', path, undefined, {}), 200))
  const { version } = Run.parse(await get(`/api/runs/${RUN}`))
  const { sound } = AuditVerification.parse(await get('/api/audit/verification'))
  const dense = await site.get(`/federation/v1/runs/${RUN}/versions/${version}`)
  const values = version === 0 ? weights : decodeUpdate(expected(dense, 200).body, weights.length)
  const notFinite = values.reduce((sum, value) => sum + Number(!Number.isFinite(value)), 0)
  return { rounds: version, auditOk: Number(sound), notFinite }
}

/** After what failed, so that nobody tries again without end. */
const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 20))

const rssMb = (pid: number): number =>
  (Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024) / 1e6
