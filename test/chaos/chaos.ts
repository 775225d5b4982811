import { setTimeout as sleep } from 'node:timers/promises'
import { EntityPage, VerdictLog } from '@adf/contract'
import { seeded } from '@adf/detectors'
import { readAnomalies } from '../harness/anomalies.ts'
import { type ComposeStack, startComposeStack } from '../harness/compose-stack.ts'
import { until } from '../harness/process.ts'
import { EventLoad, STREAM, TOPIC } from './load.ts'
import { type Kill, kill, revive } from './orchestrator.ts'
import { VerdictLoad } from './verdicts.ts'

/** Far longer than it takes: windows are held back, and machines are busy. */
const SETTLE_MS = 600_000
const GROUP = 'adf'

export interface ChaosOptions {
  readonly collector: string
  readonly durationMs: number
  /** Between the ends of two parts. */
  readonly everyMs: number
  readonly seed: number
  readonly progress: (text: string) => void
}

export interface ChaosReport {
  readonly seed: number
  readonly minutes: number
  readonly kills: readonly Kill[]
  /** Parts that ended without being told to. */
  readonly ended_by_themselves: readonly string[]
  readonly events_acknowledged: number
  readonly outliers: number
  readonly anomalies: number
  readonly anomalies_lost: readonly string[]
  /** Without those of events whose sending was repeated. */
  readonly anomalies_twice: readonly string[]
  readonly anomalies_of_no_outlier: number
  readonly verdicts_acknowledged: number
  readonly verdicts_lost: readonly string[]
  readonly verdicts_twice: readonly string[]
  /** Of the consumer group, at the end. */
  readonly lag: number
}

/** What was lost or is there twice: nothing, where all is well. */
export const damage = ({
  anomalies_lost,
  anomalies_twice,
  verdicts_lost,
  verdicts_twice,
  lag,
}: ChaosReport) =>
  anomalies_lost.length + anomalies_twice.length + verdicts_lost.length + verdicts_twice.length + lag

/** The processes of docker-compose.yml under load, one of them ended each while; then what was acknowledged is looked for. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { collector, durationMs, everyMs, seed, progress } = options
  const stack = await startComposeStack({
    small: false,
    collector,
    processor: {
      ADF_STREAMS__METERS: '{ kind: event, entity: id, time: at, features: { volts: {} } }',
      ADF_STORE__STATE_INTERVAL: '500ms',
      ADF_EDGE__MAX_LATENESS: '500ms',
      ADF_EDGE__INTERVAL: '1s',
      ADF_EDGE__DETECTION__SETTLE: '0',
      ADF_EDGE__DETECTION__WARM_UP: '50',
      ADF_EDGE__DETECTION__INITIAL_THRESHOLD: '0.9',
    },
  })
  try {
    const { kafka } = stack
    if (kafka === undefined) throw new Error('docker-compose.yml has no Kafka')
    const events = new EventLoad(kafka)
    progress('all parts are up; meters are learned')
    await until('every meter is scored', () => scored(stack), SETTLE_MS)
    // Fits are made beside the stream: what is saved from here on has them.
    await sleep(5000)
    events.outliers = true
    const verdicts = new VerdictLoad(stack)

    const rng = seeded(seed)
    const startMs = Date.now()
    const kills: Kill[] = []
    const ended: string[] = []
    while (Date.now() - startMs < durationMs) {
      await sleep(everyMs)
      ended.push(...(await revive(stack.parts, rng)))
      const part = stack.parts[Math.floor(rng() * stack.parts.length)]
      if (part === undefined) throw new Error('there are no parts')
      const told = await kill(part, rng, startMs)
      kills.push(told)
      progress(`${told.part} ${told.signal}, away for ${(told.awayMs / 1000).toFixed(1)} s`)
    }
    ended.push(...(await revive(stack.parts, rng)))
    await verdicts.stop()
    await events.stop()
    progress('load ended; waiting until all is read and delivered')
    const minutes = (Date.now() - startMs) / 60_000

    const lagOf = async () =>
      (await kafka.committed(GROUP, TOPIC)).reduce(
        (sum, { committed, end }) => sum + end - Math.max(0, committed),
        0,
      )
    await until('no lag', async () => (await lagOf()) === 0, SETTLE_MS).catch(() => {})
    await until(
      'every verdict at the processor',
      async () => {
        const given = new Set(await verdictsOf(stack))
        return verdicts.acknowledged.every((id) => given.has(id))
      },
      SETTLE_MS / 5,
    ).catch(() => {})
    const found = await anomaliesOf(stack)
    const given = await verdictsOf(stack)
    const outliers = new Set(events.sent.outliers)
    return {
      seed,
      minutes: Math.round(minutes * 10) / 10,
      kills,
      ended_by_themselves: ended,
      events_acknowledged: events.sent.events,
      outliers: outliers.size,
      anomalies: found.length,
      anomalies_lost: missing(outliers, found),
      anomalies_twice: twice(found).filter((one) => !events.sent.repeated.has(one)),
      anomalies_of_no_outlier: found.filter((one) => !outliers.has(one)).length,
      verdicts_acknowledged: verdicts.acknowledged.length,
      verdicts_lost: missing(new Set(verdicts.acknowledged), given),
      verdicts_twice: twice(given).filter((one) => !verdicts.repeated.has(one)),
      lag: await lagOf(),
    }
  } finally {
    await stack.stop()
  }
}

const missing = (wanted: ReadonlySet<string>, found: readonly string[]) => {
  const there = new Set(found)
  return [...wanted].filter((one) => !there.has(one))
}
const twice = (all: readonly string[]) => [...new Set(all.filter((one, at) => all.indexOf(one) !== at))]

async function scored(stack: ComposeStack): Promise<boolean> {
  const { items } = EntityPage.parse(
    await stack.json('processor:8080', `/api/entities?stream=${STREAM}&limit=500`),
  )
  return items.length > 0 && items.every(({ streams }) => streams.every(({ state }) => state === 'scored'))
}

/** `id time` of every anomaly that is stored. */
async function anomaliesOf(stack: ComposeStack): Promise<string[]> {
  const json = (path: string) => stack.json('processor:8080', path)
  const found = await readAnomalies({ json }, { stream: STREAM })
  return found.map(({ entity, time }) => `${entity.id} ${Date.parse(time)}`)
}

/** Anomaly of every entry in the processor's log of verdicts that stands. */
async function verdictsOf(stack: ComposeStack): Promise<string[]> {
  const about: string[] = []
  for (let after = 0; ; ) {
    const { items } = VerdictLog.parse(
      await stack.json('processor:8080', `/api/verdicts?after=${after}&limit=500`),
    )
    const last = items.at(-1)
    if (last === undefined) return about
    about.push(
      ...items.flatMap(({ withdrawn, verdict }) => (withdrawn ? [] : [verdict.anomaly_id ?? verdict.id])),
    )
    after = last.cursor
  }
}
