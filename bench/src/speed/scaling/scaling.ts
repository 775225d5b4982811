import { setTimeout } from 'node:timers/promises'
import { Status } from '@adf/contract'
import { makeCertificates } from '../../../../packages/service/src/http/certificates.test-data.ts'
import { type RunningAdf, startAdf } from '../../../../test/harness/adf.ts'
import { kafkaNeeds, prepareKafka, type RunningKafka } from '../../../../test/harness/kafka.ts'
import { PASSWORD, type RunningPostgres, startPostgres } from '../../../../test/harness/postgresql.ts'
import { until } from '../../../../test/harness/process.ts'
import { needs } from '../../../../test/harness/servers.ts'
import { type Benchmark, type BenchOptions, Missing, type Row } from '../../suite.ts'
import { cpuSeconds } from '../ingest/process-usage.ts'
import { CpuShare } from './cpu-share.ts'
import { Readings } from './readings.ts'

const TOPIC = 'adf.events'
const PARTITIONS = 12
const MEMBERS = [1, 2, 3]
/** Of a core, for each processor: three of them, the broker and the database have two cores to share. */
const SHARE = 0.25
const WARM_UP = 60
/** Vectors of each that are written for as long as Kafka's session lasts, at most, and how long it takes to tell Kafka that one lives. */
const AT_ONCE = 600
const AWAKE_MS = 300
const FULL = { entities: 240, each: 2400 }
const QUICK = { entities: 24, each: 1500 }
/** Partitions are not all of a size. */
const MEASURED = 0.75
/** Kafka gives partitions to members, detectors are fitted, all at a quarter of a core. */
const LIMIT_MS = 600_000

/** What one to three processors of a Kafka group on one PostgreSQL get through, each with the same part of a core. */
export const scaling: Benchmark = {
  suite: 'speed',
  name: 'scaling',
  describe: `events by Kafka to 1, 2 and 3 processors of a group with ${SHARE} of a core each: vectors scored per second`,
  run: runScaling,
}

async function runScaling({ quick, progress }: BenchOptions): Promise<Row[]> {
  const missing = kafkaNeeds() ?? needs('postgresql')
  if (missing !== undefined) throw new Missing(missing)
  const rows: Row[] = []
  let alone = Number.NaN
  for (const members of MEMBERS) {
    const { perSecond, perCpuSecond, wallS } = await measure(members, quick ? QUICK : FULL)
    if (members === 1) alone = perSecond
    const efficiency = perSecond / members / alone
    progress(
      `${members} processors: ${perSecond.toFixed(0)} vectors a second for ${wallS.toFixed(0)} s, ${(100 * efficiency).toFixed(0)} %`,
    )
    const row = (measure: string, value: number): Row => ({
      suite: 'speed',
      case: `scaling/${members}`,
      subject: 'adf',
      measure,
      value,
    })
    rows.push(
      row('vectors_per_s', perSecond),
      row('vectors_per_cpu_s', perCpuSecond),
      row('efficiency_pct', 100 * efficiency),
    )
  }
  return rows
}

interface Size {
  readonly entities: number
  /** Vectors of each in the backlog. */
  readonly each: number
}

async function measure(members: number, size: Size) {
  const shares: CpuShare[] = []
  for (let n = 0; n < members; n++) shares.push(CpuShare.make(`adf-bench-${process.pid}-${n}`, SHARE))
  const certificates = makeCertificates()
  const [kafka, postgres] = await Promise.all([prepareKafka(certificates.server), startPostgres()])
  const running: RunningAdf[] = []
  try {
    await kafka.start()
    await kafka.createTopic(TOPIC, PARTITIONS)
    for (let n = 0; n < members; n++)
      running.push(await startAdf(configOf(kafka, postgres, n), { ready: '/health' }))
    const readings = new Readings(size.entities, kafka, TOPIC)
    await shared(running)
    for (let n = 0; n < WARM_UP; n++) await readings.send(1)
    await until('all are warm', () => warm(running, readings, size.entities), LIMIT_MS)
    // The limit comes late: a start at a quarter of a core takes a minute, and is not what is measured.
    for (const [n, { process: adf }] of running.entries()) shares[n]?.add(adf.child.pid!)
    for (let left = size.each; left > 0; left -= AT_ONCE) {
      await whileAsleep(running, () => readings.send(Math.min(left, AT_ONCE)))
      await setTimeout(AWAKE_MS)
    }
    return await throughput(running, size.entities * size.each)
  } finally {
    await Promise.all(running.map((one) => one.stop()))
    for (const share of shares) await share.remove()
    await kafka.stop()
    await postgres.stop()
    certificates.remove()
  }
}

/** So that nothing of what is written is read meanwhile. */
async function whileAsleep(running: readonly RunningAdf[], write: () => Promise<void>): Promise<void> {
  for (const { process: adf } of running) adf.child.kill('SIGSTOP')
  try {
    await write()
  } finally {
    // One that sleeps does not stop when it is told to.
    for (const { process: adf } of running) adf.child.kill('SIGCONT')
  }
}

/** Of the part of the backlog that is read first: with what is left they are not all busy any more. */
async function throughput(running: readonly RunningAdf[], backlog: number) {
  const look = async () => ({
    atMs: performance.now(),
    scored: await sum(running, 'adf_vectors_scored_total'),
    cpuS: running.reduce((all, { process: adf }) => all + cpuSeconds(adf.child.pid!), 0),
  })
  const first = await look()
  let last = first
  while (last.scored - first.scored < MEASURED * backlog) {
    await setTimeout(250)
    last = await look()
  }
  const scored = last.scored - first.scored
  const wallS = (last.atMs - first.atMs) / 1000
  return { wallS, perSecond: scored / wallS, perCpuSecond: scored / (last.cpuS - first.cpuS) }
}

async function shared(running: readonly RunningAdf[]): Promise<void> {
  await until(
    'each partition has one member',
    async () => {
      const all = (await statuses(running)).map(({ kafka }) => kafka?.partitions ?? 0)
      return all.reduce((a, b) => a + b, 0) === PARTITIONS && all.every((one) => one > 0)
    },
    LIMIT_MS,
  )
}

async function warm(running: readonly RunningAdf[], readings: Readings, entities: number): Promise<boolean> {
  await readings.send(1)
  return (await statuses(running)).reduce((all, { entities: { scored } }) => all + scored, 0) >= entities
}

const statuses = async (running: readonly RunningAdf[]): Promise<Status[]> =>
  Promise.all(running.map(async (one) => Status.parse(await one.json('/api/status'))))

const sum = async (running: readonly RunningAdf[], metric: string) =>
  (await Promise.all(running.map((one) => one.metric(metric)))).reduce((a, b) => a + b, 0)

const configOf = (kafka: RunningKafka, postgres: RunningPostgres, n: number) => ({
  kafka: {
    brokers: kafka.brokers,
    group_id: 'adf-bench',
    member: `member-${n}`,
    topics: { spans: '', metrics: '', logs: '', dead_letters: '' },
    max_delay: '1h',
  },
  receiver: { max_clock_skew: '1h' },
  store: { url: postgres.url(), password: PASSWORD },
  edge: { detection: { settle: 0, warm_up: 50 } },
  streams: { readings: Readings.stream },
})
