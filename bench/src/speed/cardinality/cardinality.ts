import { setTimeout as sleep } from 'node:timers/promises'
import { type RunningAdf, startAdf } from '../../../../test/harness/adf.ts'
import { until } from '../../../../test/harness/process.ts'
import type { Benchmark, BenchOptions, Row } from '../../suite.ts'
import { rssMb } from '../ingest/process-usage.ts'
import { bombRequest, KINDS, type Kind, NAMES } from './bomb.ts'
import { KnownServices, type Told } from './known.ts'

const MIB = 2 ** 20
const MINUTES = 10
/** Of each kind. */
const NAMES_A_MINUTE = 100_000
/** Judged after a minute and a half, so that the bomb meets services that are known. */
const CONFIG = { log: { level: 'silent' }, edge: { detection: { settle: 10, warm_up: 60 } } }
const WATCH_MS = 500

interface Course {
  rssMb: number
  readonly told: Told[]
  /** Looks at which one of the known services was not judged. */
  unjudged: number
  degraded: string
}

/**
 * A million names of services, a million routes and a million label values in ten minutes against `adf up` with a memory limit: does it stay below, are the services that
 * it knows judged as before, is everything that was turned away counted? `--minutes` for less, with as much fewer names.
 */
export const cardinality: Benchmark = {
  suite: 'speed',
  name: 'cardinality',
  describe:
    'a million names each of services, routes and labels: memory, scores of known services, accounting',
  run: async (options) => {
    const limitMb = options.quick ? 384 : 512
    const minutes = options.minutes ?? (options.quick ? 0.2 : MINUTES)
    const adf = await startAdf({ ...CONFIG, memory: { limit: `${limitMb}MiB` } })
    const known = new KnownServices(adf)
    try {
      await until('the known services are judged', () => known.told(), 600_000)
      const alone = await watch(adf, known, sleep(options.quick ? 5000 : 60_000))
      const before = await counters(adf)
      const begunMs = performance.now()
      const bombing = bomb(adf, minutes, options)
      const bombed = await watch(adf, known, bombing)
      const seconds = (performance.now() - begunMs) / 1000
      await known.stop()
      const sent = await bombing
      return rowsOf({ alone, bombed, sent, seconds, limitMb, before, after: await counters(adf), known })
    } finally {
      await known.stop()
      await adf.stop()
    }
  },
}

/** Sends all names at an even pace, or as fast as they are taken if that is slower; what is told to come again is sent again. Resolves to how many requests of each kind were taken. */
async function bomb(adf: RunningAdf, minutes: number, { progress }: BenchOptions) {
  const requests = Math.ceil((NAMES_A_MINUTE * minutes) / NAMES)
  const everyMs = (minutes * 60_000) / requests
  const begunMs = performance.now()
  let again = 0
  for (let n = 0; n < requests; n++) {
    for (const kind of KINDS) while (!(await take(adf, kind, n))) again++
    if (n % 100 === 99) progress(`${(n + 1) * NAMES} names of each kind, ${again} requests sent again`)
    await sleep(Math.max(0, begunMs + (n + 1) * everyMs - performance.now()))
  }
  return { requests, again }
}

async function take(adf: RunningAdf, kind: Kind, n: number): Promise<boolean> {
  const { signal, body } = bombRequest(kind, n, Date.now())
  const headers = { 'content-type': 'application/x-protobuf' }
  const url = `http://127.0.0.1:${adf.httpPort}/v1/${signal}`
  const answer = await fetch(url, { method: 'POST', headers, body: Buffer.from(body) }).catch(() => undefined)
  // A connection that the server has just closed.
  if (answer === undefined) return false
  await answer.arrayBuffer()
  if (answer.ok) return true
  if (answer.status !== 503) throw new Error(`${kind}: ${answer.status}`)
  await sleep(1000 * Number(answer.headers.get('retry-after') ?? 1))
  return false
}

/** What is told and held until `work` is done. */
async function watch(adf: RunningAdf, known: KnownServices, work: Promise<unknown>): Promise<Course> {
  const course: Course = { rssMb: 0, told: [], unjudged: 0, degraded: '' }
  let done = false
  const end = work.finally(() => {
    done = true
  })
  end.catch(() => {})
  while (!done) {
    course.rssMb = Math.max(course.rssMb, rssMb(adf.process.child.pid ?? 0))
    const told = await known.told()
    if (told === undefined) course.unjudged++
    else course.told.push(...told)
    const { degraded } = (await (await adf.get('/ready')).json()) as { degraded?: string }
    course.degraded = degraded ?? course.degraded
    await sleep(WATCH_MS)
  }
  await end
  return course
}

const OF_SERVER = [
  'adf_receiver_spans_total',
  'adf_receiver_points_total',
  'adf_resources_limited_total',
  'adf_interned_overflowed_total',
  'adf_feature_entities_refused_total',
  'adf_feature_points_ignored_total',
  'adf_graph_dropped_total',
  'adf_memory_dropped_total',
  'adf_memory_collections_total',
  'adf_scored_entities',
  'adf_interned_entries',
] as const
type Counters = Readonly<Record<(typeof OF_SERVER)[number], number>>

async function counters(adf: RunningAdf): Promise<Counters> {
  const read = await Promise.all(OF_SERVER.map(async (name) => [name, await adf.metric(name)] as const))
  return Object.fromEntries(read) as Counters
}

function rowsOf(run: {
  readonly alone: Course
  readonly bombed: Course
  readonly sent: { readonly requests: number; readonly again: number }
  readonly seconds: number
  readonly limitMb: number
  readonly before: Counters
  readonly after: Counters
  readonly known: KnownServices
}): Row[] {
  const { alone, bombed, sent, seconds, limitMb, before, after, known } = run
  const grew = (name: keyof Counters) => after[name] - before[name]
  const names = sent.requests * NAMES
  const largest = (told: readonly Told[], of: (one: Told) => number) => Math.max(...told.map(of))
  // All spans of known services since the start are in the counter too.
  const spans = after.adf_receiver_spans_total - known.spans
  const measures: Readonly<Record<string, number>> = {
    names_of_each_kind: names,
    seconds,
    sent_again: sent.again,
    limit_mb: (limitMb * MIB) / 1e6,
    largest_rss_alone_mb: alone.rssMb,
    largest_rss_mb: bombed.rssMb,
    known_samples: bombed.told.length,
    known_unjudged: bombed.unjudged,
    known_score_alone: largest(alone.told, ({ score }) => score),
    known_score: largest(bombed.told, ({ score }) => score),
    known_rate_off: largest(bombed.told, ({ rateOff }) => rateOff),
    known_errors_off: largest(bombed.told, ({ errorsOff }) => errorsOff),
    spans_unaccounted: 2 * names - spans,
    points_unaccounted: names - grew('adf_receiver_points_total'),
    names_limited: grew('adf_resources_limited_total'),
    names_overflowed: grew('adf_interned_overflowed_total'),
    entities_refused: grew('adf_feature_entities_refused_total'),
    points_ignored: grew('adf_feature_points_ignored_total'),
    graph_dropped: grew('adf_graph_dropped_total'),
    dropped_for_memory: grew('adf_memory_dropped_total'),
    collections: grew('adf_memory_collections_total'),
    scored_entities: after.adf_scored_entities,
  }
  return Object.entries(measures).map(([measure, value]) => ({
    suite: 'speed',
    case: 'cardinality',
    subject: 'adf',
    measure,
    value,
  }))
}
