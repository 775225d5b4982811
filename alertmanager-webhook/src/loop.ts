import { randomBytes, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import {
  type Component,
  type Endpoints,
  FeedbackLinks,
  type Logger,
  RateLimiter,
  readKeys,
  recurring,
  StartFault,
} from '@adf/service'
import type { IRouter } from 'express'
import type { Registry } from 'prom-client'
import { feedbackEndpoints } from './api/handlers/feedback.ts'
import { linkRoutes } from './api/handlers/links.ts'
import { questionEndpoints } from './api/handlers/questions.ts'
import { slackRoutes } from './api/handlers/slack.ts'
import { tunerEndpoints } from './api/handlers/tuner.ts'
import type { Config } from './config.ts'
import { Courier } from './feedback/courier.ts'
import { Follower } from './feedback/follower.ts'
import { VerdictIntake } from './feedback/intake.ts'
import { FeedbackMetrics } from './feedback/metrics.ts'
import { OneClick, type Opened } from './feedback/one-click.ts'
import { Silences } from './feedback/silences.ts'
import { Processor } from './processor/processor.ts'
import { ProcessorError } from './processor/processor-error.ts'
import type { Store } from './store/store.ts'
import { CADENCE } from './tuner/guard/cadence.ts'
import { TuningMetrics } from './tuning/metrics.ts'
import { tunerOptions } from './tuning/options.ts'
import { Questions } from './tuning/questions.ts'
import { Tuning } from './tuning/tuning.ts'

export interface LoopOptions {
  readonly config: Config
  readonly store: Store
  readonly registry: Registry
  readonly clock: () => number
  readonly newId: () => string
  readonly log: Logger
}

/** From verdicts to thresholds: what takes words, brings them to processors, follows what is said there, and tunes. */
export interface Loop {
  /** In the order of their start. */
  readonly components: readonly Component[]
  mount(router: IRouter, endpoints: Endpoints): void
  /** Processors as they answered last. */
  processors(): readonly {
    readonly url: string
    readonly reachable: boolean
    readonly error: string | null
  }[]
}

/** Authors and tokens whose rate is remembered. */
const MOST_CALLERS = 10_000
const COURIER_MS = 1000
const QUESTION_ENTITIES = 50

/** @throws StartFault when a key cannot be read */
export async function createLoop(options: LoopOptions): Promise<Loop> {
  const { config, store, registry, clock, newId, log } = options
  const { feedback, thresholding } = config
  const keys = await readKeys('feedback', feedback)
  const slackKeys = await readSlackKeys(feedback.slack)
  const metrics = new FeedbackMetrics(registry)
  const processors: Processor[] = []
  for (const [at, one] of config.processors.entries()) {
    const { url, token, token_file: tokenFile, timeout: timeoutMs, tls } = one
    processors.push(
      new Processor({
        url,
        token,
        tokenFile,
        timeoutMs,
        tls: tls && (await tlsFiles(`processors[${at}].tls`, tls)),
      }),
    )
  }
  const perMinute = (rate: number) =>
    new RateLimiter({ perSecond: rate / 60, burst: Math.max(1, rate), mostCallers: MOST_CALLERS })
  const limits = {
    author: perMinute(feedback.per_author_per_minute),
    caller: perMinute(feedback.per_caller_per_minute),
  }
  const failed = (work: string) => (error: unknown) => {
    metrics.failures.inc({ work })
    // An outage of a processor is told where it is noticed first.
    if (!(error instanceof ProcessorError))
      log.warn({ err: error, work }, 'background work failed; it is tried again')
  }

  const courier = new Courier({ processors, store: store.feedback, clock, rng: Math.random, metrics, log })
  const tuning = new Tuning({
    processors,
    store,
    tuner: tunerOptions(thresholding),
    memoryMs: thresholding.memory,
    mostEntities: thresholding.max_entities,
    // Several rounds fit in, so that a slow processor costs nobody the lease.
    leaseMs: Math.max(thresholding.lease, 3 * thresholding.interval),
    holder: randomUUID(),
    clock,
    metrics: new TuningMetrics(registry),
    log,
  })
  const follower = new Follower({
    processors,
    store: store.feedback,
    clock,
    newId,
    metrics,
    log,
    learned: () => tuner.nudge(),
  })
  const intake = new VerdictIntake({
    store,
    processors,
    limits,
    maxAgeMs: feedback.max_age,
    questionsExpireMs: feedback.questions.expire_after,
    clock,
    newId,
    metrics,
    nudge: () => carrying.nudge(),
  })
  const silences = new Silences({ store: store.alerts, intake, metrics })
  const questions = new Questions({
    processors,
    store: store.questions,
    share: feedback.questions.share,
    mostOpen: feedback.questions.max_open,
    expiresAfterMs: feedback.questions.expire_after,
    entitiesAtOnce: QUESTION_ENTITIES,
    clock,
    newId,
    counted: (outcome, count) => metrics.questions.inc({ outcome }, count),
  })

  const carrying = recurring({
    name: 'verdict delivery',
    everyMs: COURIER_MS,
    work: (signal) => courier.round(signal),
    failed: failed('deliver'),
  })
  const following = recurring({
    name: 'verdict log',
    everyMs: config.following,
    work: (signal) => follower.round(signal),
    failed: failed('follow'),
  })
  const reading = recurring({
    name: 'silences',
    everyMs: config.alertmanager.poll_interval,
    work: (signal) => silences.round(signal),
    failed: failed('silences'),
  })
  const asking = recurring({
    name: 'questions',
    everyMs: feedback.questions.interval,
    work: (signal) => questions.round(signal),
    failed: failed('questions'),
  })
  const tuner = recurring({
    name: 'tuner',
    everyMs: thresholding.interval,
    work: (signal) => tuning.round(signal),
    failed: failed('tune'),
  })
  const leaving: Component = {
    name: 'processors',
    start: async () => {},
    async stop() {
      await tuning.release().catch(() => {})
      await Promise.all(processors.map((processor) => processor.close()))
    },
  }
  const off = processors.length === 0

  return {
    components: [
      leaving,
      carrying,
      following,
      reading,
      ...(off ? [] : [asking]),
      ...(off || !thresholding.enabled ? [] : [tuner]),
    ],
    mount(router, endpoints) {
      const effect = async (opened: Opened) => effectOf(config, opened)
      // Without a key every link is one that was not made here.
      const links = new FeedbackLinks(keys.length > 0 ? keys : [randomBytes(32).toString('base64')])
      const oneClick = new OneClick({ links, store, intake, clock })
      linkRoutes(router, oneClick, effect)
      const { response_hosts: responseHosts } = feedback.slack
      slackRoutes(router, { oneClick, keys: slackKeys, responseHosts, effect, clock, metrics, log })
      feedbackEndpoints(endpoints, {
        intake,
        store: store.feedback,
        metrics,
        clock,
        nudge: () => carrying.nudge(),
      })
      questionEndpoints(endpoints, { processors, store, limits, clock, newId, learned: () => tuner.nudge() })
      tunerEndpoints(endpoints, {
        tuning,
        store,
        whatIf: {
          store,
          processors,
          memoryMs: thresholding.memory,
          mostEntities: thresholding.max_entities,
          clock,
        },
        settings: {
          enabled: thresholding.enabled,
          policy: thresholding.policy,
          dryRun: thresholding.dry_run,
          cadence: tunerOptions(thresholding).cadence ?? CADENCE,
          alertsPerDay: thresholding.cost.alerts_per_day,
        },
        nudge: () => tuner.nudge(),
        clock,
      })
    },
    processors: () => processors.map(({ url, reachability }) => ({ url, ...reachability })),
  }
}

/** What a verdict will lead to, for whoever gave it. */
function effectOf({ thresholding }: Config, { alert }: Opened): string {
  if (alert !== undefined && !alert.ours) return 'It counts in what this alert is worth.'
  if (!thresholding.enabled) return 'It counts in what the alerts of ADF are worth; no threshold is tuned.'
  const { service } = alert?.labels ?? {}
  const whose = service === undefined ? 'the threshold' : `the threshold of ${service}`
  const may = thresholding.dry_run ? 'would' : 'may'
  return `After ${thresholding.step_verdicts} of these ${whose} ${may} move one step.`
}

async function readSlackKeys({
  signing_secret,
  signing_secret_file,
}: Config['feedback']['slack']): Promise<string[]> {
  if (signing_secret_file === undefined) return signing_secret === undefined ? [] : [signing_secret]
  const text = await readText('feedback.slack.signing_secret_file', signing_secret_file)
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

async function tlsFiles(
  path: string,
  { ca_file, cert_file, key_file }: NonNullable<Config['processors'][number]['tls']>,
): Promise<{ ca?: string; cert?: string; key?: string }> {
  return {
    ...(ca_file !== undefined && { ca: await readText(`${path}.ca_file`, ca_file) }),
    ...(cert_file !== undefined && { cert: await readText(`${path}.cert_file`, cert_file) }),
    ...(key_file !== undefined && { key: await readText(`${path}.key_file`, key_file) }),
  }
}

/** @throws StartFault */
async function readText(path: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new StartFault(
      `${path} ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}
