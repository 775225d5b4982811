import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { STREAMS, type StreamName, sendEvents, simulateEvents } from '@adf/demo'
import { parse } from 'yaml'
import { type RunningAdf, startAdf } from '../../../../test/harness/adf.ts'
import { readAnomalies } from '../../../../test/harness/anomalies.ts'
import type { Benchmark, Row } from '../../suite.ts'
import { countEvents, measuresOf, sumOf } from './events.ts'

const PROVISIONED = join(import.meta.dirname, '../../../../provisioning/streams')
/** Those on which nothing was tuned. */
const SEEDS = [31, 32, 33]
const COUNT = 20_000
const PER_SECOND = 300
const ANOMALIES = 0.01
/** Anomalous events come alone: an alert that begins later is wrong. */
const RULE = { gap: 2, beside: 0 }

/** The three simulated streams of events, sent to `adf up` with its defaults and the provisioned streams, as `adf simulate` sends them. */
export const simulatedStreams: Benchmark = {
  suite: 'quality',
  name: 'streams',
  describe: 'the simulated streams of events on a running `adf up`: precision and recall of whole events',
  run: async ({ quick, progress }) => {
    const rows: Row[] = []
    for (const seed of quick ? SEEDS.slice(0, 1) : SEEDS) {
      await using stack = new AsyncDisposableStack()
      const config = { log: { level: 'warn' }, streams: Object.assign({}, ...STREAMS.map(provisioned)) }
      const adf = stack.adopt(await startAdf(config), (each) => each.stop())
      const found = await Promise.all(
        STREAMS.map((stream) => measure(adf, { stream, seed, count: quick ? COUNT / 4 : COUNT })),
      )
      for (const [i, stream] of STREAMS.entries()) {
        const measures = found[i]!
        progress(
          `${stream}, seed ${seed}: precision ${measures.precision.toFixed(3)}, recall ${measures.recall.toFixed(3)}`,
        )
        for (const [measure, value] of Object.entries(measures))
          rows.push({ suite: 'quality', case: `streams/${stream}/${seed}`, subject: 'adf', measure, value })
      }
    }
    return rows
  },
}

const provisioned = (stream: StreamName): object =>
  parse(readFileSync(join(PROVISIONED, `${stream}.yaml`), 'utf8')).streams

interface Run {
  readonly stream: StreamName
  readonly seed: number
  readonly count: number
}

async function measure(adf: RunningAdf, { stream, seed, count }: Run) {
  const options = { stream, count, seed, anomalies: ANOMALIES }
  const startMs = Date.now()
  const events = () => simulateEvents({ ...options, startMs, intervalMs: 1000 / PER_SECOND })
  const sent = await sendEvents(events(), { url: adf.api, stream, ratePerSecond: PER_SECOND })
  if (sent.accepted !== count)
    throw new Error(`${sent.accepted} of ${count} events of ${stream} were accepted`)
  const flagged = await flaggedIn(adf, stream)
  const byEntity = new Map<string, { labels: number[]; flags: number[] }>()
  for (const { event, anomalous } of events()) {
    // The one field that is neither the time nor a number.
    const [, id] = Object.entries(event).find(
      ([name, value]) => name !== 'timestamp' && typeof value === 'string',
    )!
    const entity = byEntity.get(String(id)) ?? { labels: [], flags: [] }
    byEntity.set(String(id), entity)
    entity.labels.push(anomalous ? 1 : 0)
    entity.flags.push(flagged.has(`${id} ${Date.parse(String(event['timestamp']))}`) ? 1 : 0)
  }
  const counts = [...byEntity.values()].map(({ labels, flags }) =>
    countEvents(Uint8Array.from(labels), Uint8Array.from(flags), RULE),
  )
  return measuresOf(sumOf(counts))
}

/** Entity and time of each anomaly. */
async function flaggedIn(adf: RunningAdf, stream: string): Promise<Set<string>> {
  const found = await readAnomalies(adf, { stream })
  return new Set(found.map(({ entity, time }) => `${entity.id} ${Date.parse(time)}`))
}
