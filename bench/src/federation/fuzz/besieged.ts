import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AuditVerification, Run } from '@adf/contract/federation'
import { initialWeights } from '@adf/detectors'
import { decodeUpdate } from '@adf/detectors/update'
import { Agent } from 'undici'
import { cpuSeconds } from '../../speed/ingest/process-usage.ts'
import { ServerProcess } from '../server/server-process.ts'
import { type Answer, expected, json, Site } from '../server/site.ts'

export const RUN = 'service-lstm'
export const NETWORK = { kind: 'lstm', inputs: 3, hidden: 8, layers: 1 } as const
export const SEED = 7
/** Share of the requests before memory is first looked at. */
const WARM_UP = 0.2

/** A real server in a process of its own, whose requests are counted. */
export interface Besieged {
  readonly url: string
  enrol(name: string): Promise<Site>
  /** Whether another request is to be sent; it is counted then. */
  next(): boolean
  /** What became of one; undefined: the connection was cut. */
  answered(answer: Answer | undefined): void
  /** Whether honest ones are to go on. */
  goesOn(): boolean
}

/** What is measured of it. */
export interface Withstood {
  readonly requests: number
  /** The server's process ended. */
  readonly crashes: number
  /** Values of the final weights that are not finite. */
  readonly notFinite: number
  /** Rounds that were committed meanwhile. */
  readonly rounds: number
  readonly auditOk: number
  readonly beforeMb: number
  readonly afterMb: number
  readonly cpuSeconds: number
  /** Answers by status code; `none` where the connection was cut. */
  readonly answers: Readonly<Record<string, number>>
}

/**
 * @param federated sections of the configuration beside the run @param play resolves once `next` says no; what it resolves to is done last, while the
 *   server still answers
 */
export async function besiege<T>(
  federated: object,
  count: number,
  progress: (text: string) => void,
  play: (server: Besieged) => Promise<(reader: Site) => Promise<T>>,
): Promise<Withstood & { readonly more: T }> {
  const folder = mkdtempSync(join(tmpdir(), 'adf-fuzz-'))
  const server = await ServerProcess.start({
    config: {
      log: { level: 'silent' },
      api: { port: 0 },
      store: { path: join(folder, 'federation.db') },
      clients: { requests_per_second: 1e6, burst: 1e6 },
      federated: {
        ...federated,
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
  const enrol = (name: string) => Site.enrol(server.url, dispatcher, name)
  const answers: Record<string, number> = {}
  let sent = 0
  let beforeMb = Number.NaN
  try {
    const last = await play({
      url: server.url,
      enrol,
      next() {
        if (sent >= count || !alive) return false
        const number = sent++
        if (number === Math.floor(WARM_UP * count)) beforeMb = rssMb(server.pid)
        if (number % 5000 === 0) progress(`${number} of ${count} requests`)
        return true
      },
      answered(answer) {
        const status = String(answer?.status ?? 'none')
        answers[status] = (answers[status] ?? 0) + 1
      },
      goesOn: () => alive && sent < count,
    })
    const reader = await enrol('reader')
    return {
      requests: sent,
      crashes: Number(!alive),
      beforeMb,
      afterMb: alive ? rssMb(server.pid) : Number.NaN,
      answers,
      cpuSeconds: alive ? cpuSeconds(server.pid) : Number.NaN,
      ...(await stateOf(reader)),
      more: await last(reader),
    }
  } finally {
    await dispatcher.destroy()
    await server.stop()
    rmSync(folder, { recursive: true })
  }
}

/** What an operator reads. @throws Error when the server does not answer any more */
export const read = async (site: Site, path: string): Promise<unknown> =>
  json(expected(await site.raw('GET', path, undefined, {}), 200))

async function stateOf(site: Site) {
  const { version } = Run.parse(await read(site, `/api/runs/${RUN}`))
  const { sound } = AuditVerification.parse(await read(site, '/api/audit/verification'))
  const { values: first } = initialWeights(NETWORK, SEED)
  const dense = await site.get(`/federation/v1/runs/${RUN}/versions/${version}`)
  const values = version === 0 ? first : decodeUpdate(expected(dense, 200).body, first.length)
  const notFinite = values.reduce((sum, value) => sum + Number(!Number.isFinite(value)), 0)
  return { rounds: version, auditOk: Number(sound), notFinite }
}

/** After what failed, so that nobody tries again without end. */
export const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 20))

const rssMb = (pid: number): number =>
  (Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024) / 1e6
