import { setTimeout } from 'node:timers/promises'
import type { Incident } from '@adf/contract'
import { Load } from '../load/load.ts'
import { RunningShop } from '../shop/shop.ts'
import { Alertmanager } from './alertmanager.ts'
import { DemoFederation } from './federation.ts'
import { Learning } from './learning.ts'
import { freePort } from './ports.ts'
import { DemoProcessor } from './processor.ts'
import { addressesText } from './story.ts'
import { bareName, causesOf, isOfShop, type Trial, type TrialResult } from './trial.ts'
import { TimedOut, until } from './until.ts'
import type { View } from './view.ts'

export interface DemoOptions {
  /** The `adf` program, for `adf up`. */
  readonly program: URL
  readonly trials: readonly Trial[]
  readonly seed: number
  readonly step: string
  readonly ratePerSecond: number
  /** A running Alertmanager; one of our own is started when left out and installed. */
  readonly alertmanager?: string
  /** With a federation server, and two sites more. */
  readonly federation?: boolean
  /** Port of the console, 0 for any free one; undefined: none. */
  readonly consolePort?: number
  /** Ends after the trials; else goes on until `signal`. */
  readonly once: boolean
  readonly durationMs: number
  readonly signal: AbortSignal
  readonly view: View
  /** Called after each trial. */
  readonly onResult?: (result: TrialResult) => void
}

const WARM_UP_TIMEOUT_MS = 300_000
const QUIET_TIMEOUT_MS = 90_000
const DETECTION_TIMEOUT_MS = 45_000
/** ADF ranks again two seconds after an incident opened, with more evidence, and later with what came since. */
const SETTLE_MS = 8000
/** Between trials: what is normal must be back in every window. */
const RECOVERY_MS = 10_000
const ALERT_TIMEOUT_MS = 5000

/** Starts everything, makes the faults, tells what ADF finds, and stops everything, whatever happens. */
export async function runDemo(options: DemoOptions): Promise<readonly TrialResult[]> {
  const { view, signal, seed } = options
  const stops: (() => Promise<void> | void)[] = []
  const broken = new AbortController()
  const ends = AbortSignal.timeout(options.durationMs)
  const stop = AbortSignal.any([signal, broken.signal, ends])
  try {
    view.say('Starting ADF and the shop: ten small services, a database, a queue.')
    const webhookPort = await freePort(8082)
    const alertmanager = options.alertmanager
      ? Alertmanager.at(options.alertmanager)
      : await Alertmanager.startIfInstalled(`http://127.0.0.1:${webhookPort}`)
    if (alertmanager) stops.push(() => alertmanager.stop())
    const federation = options.federation
      ? await DemoFederation.start({
          program: options.program,
          seed,
          durationMs: options.durationMs,
          failed: (error) => broken.abort(error),
        })
      : undefined
    if (federation) stops.push(() => federation.stop())
    const processor = await DemoProcessor.start({
      program: options.program,
      step: options.step,
      webhookPort,
      alertmanagers: alertmanager ? [alertmanager.url] : [],
      membership: await federation?.invite(),
      ...(options.consolePort !== undefined && { consolePort: await freePort(options.consolePort) }),
    })
    stops.push(() => processor.stop())
    await federation?.open(processor.api)
    const shop = new RunningShop({ otlpEndpoint: `http://127.0.0.1:${processor.grpcPort}`, seed })
    await shop.start()
    stops.push(() => shop.stop())
    const ended = (name: string, tail: string) =>
      broken.abort(new Error(`${name} ended unexpectedly. ${tail.trim()}`))
    shop.onUnexpectedExit(ended)
    processor.onUnexpectedExit((tail) => ended('adf up', tail))

    const users = { url: shop.addressOf('frontend'), seed, durationMs: options.durationMs }
    const load = new Load({ ...users, ratePerSecond: options.ratePerSecond })
    load.start()
    stops.push(() => load.stop())
    alertmanager?.watch(Date.now)
    view.say(addressesText(processor, alertmanager?.url, federation))
    stops.push(view.follow(processor, shop.services))

    await warmUp(processor, shop.services, options.trials, view, stop)
    const results: TrialResult[] = []
    for (const [index, trial] of options.trials.entries()) {
      if (index > 0) await setTimeout(RECOVERY_MS, undefined, { signal: stop })
      const result = await runTrial(trial, { processor, shop, alertmanager, view, signal: stop })
      results.push(result)
      options.onResult?.(result)
    }
    if (!options.once) await forever(processor, view, stop, ends)
    return results
  } catch (error) {
    // An abort error says only that there was one: say why.
    throw broken.signal.aborted ? broken.signal.reason : error
  } finally {
    for (const each of stops.reverse()) await each()
  }
}

/** Waits until every service is scored, and where logs alone will tell of a fault until those are judged too. */
async function warmUp(
  processor: DemoProcessor,
  services: readonly string[],
  trials: readonly Trial[],
  view: View,
  signal: AbortSignal,
): Promise<void> {
  const logs = trials.some(({ fault }) => fault === 'log-only')
  view.say(`Learning what is normal: about ${logs ? 'three minutes, since logs are slower' : 'a minute'}.`)
  const learning = new Learning(logs)
  await until(
    'ADF did not learn what is normal for all services',
    async () => {
      const learned = new Map<string, number>()
      for (const { entity, streams } of await processor.entities()) {
        const stream = streams.find((each) => each.stream === 'service')
        if (stream !== undefined && entity.service !== undefined)
          learned.set(entity.service, learning.share(entity.id, stream))
      }
      const shares = services.map((name) => learned.get(name) ?? 0)
      view.progress('learning', shares.reduce((sum, share) => sum + share, 0) / shares.length)
      return shares.every((share) => share >= 1) || undefined
    },
    { timeoutMs: WARM_UP_TIMEOUT_MS, everyMs: 500, signal },
  )
}

interface Stage {
  readonly processor: DemoProcessor
  readonly shop: RunningShop
  readonly alertmanager: Alertmanager | undefined
  readonly view: View
  readonly signal: AbortSignal
}

async function runTrial(trial: Trial, stage: Stage): Promise<TrialResult> {
  const { processor, shop, alertmanager, view, signal } = stage
  await quiet(processor, view, signal)
  const before = new Set((await processor.incidents()).map((incident) => incident.id))
  const faultAt = Date.now()
  view.fault(trial)
  await shop.inject(trial.fault, trial.service)
  try {
    const opened = await until(
      'incident',
      async () =>
        (await processor.incidents()).findLast((incident) => !before.has(incident.id) && isOfShop(incident)),
      { timeoutMs: DETECTION_TIMEOUT_MS, everyMs: 100, signal },
    )
    const detectedAfter = (Date.parse(opened.opened_at) - faultAt) / 1000
    view.opened(opened, detectedAfter)
    await setTimeout(SETTLE_MS, undefined, { signal })
    const incident = await survivor(processor, opened.id)
    const alertedAt = alertmanager && (await alertOf(alertmanager, [opened.id, incident.id], signal))
    const alertedAfter = alertedAt === undefined ? null : (alertedAt - faultAt) / 1000
    view.incident(incident, trial)
    return {
      service: trial.service,
      fault: trial.fault,
      top: causesOf(incident),
      kind: incident.causes[0]?.kind ?? null,
      probability: incident.causes[0]?.probability ?? null,
      detected_after_s: detectedAfter,
      alerted_after_s: alertedAfter,
    }
  } catch (error) {
    if (!(error instanceof TimedOut)) throw error
    view.missed(trial, DETECTION_TIMEOUT_MS / 1000)
    return {
      service: trial.service,
      fault: trial.fault,
      top: [],
      kind: null,
      probability: null,
      detected_after_s: null,
      alerted_after_s: null,
    }
  } finally {
    if (!signal.aborted) {
      await shop.heal(trial.fault, trial.service)
      view.say(`The fault is over: ${trial.service} works as before.`)
    }
  }
}

/** Waits until no incident is open: what comes next shall be of the fault alone. Goes on when that takes too long. */
async function quiet(processor: DemoProcessor, view: View, signal: AbortSignal): Promise<void> {
  try {
    await until(
      'quiet',
      async () => {
        const open = (await processor.incidents()).filter((incident) => incident.state === 'open')
        if (open.length > 0) view.waiting(open.flatMap((incident) => incident.services.map(bareName)))
        return open.length === 0 || undefined
      },
      { timeoutMs: QUIET_TIMEOUT_MS, everyMs: 500, signal },
    )
  } catch (error) {
    if (!(error instanceof TimedOut)) throw error
    view.say('An earlier incident is still open; going on all the same.')
  }
}

/** The incident, or the one that it was merged into. */
async function survivor(processor: DemoProcessor, id: string): Promise<Incident> {
  let incident = await processor.incident(id)
  while (incident.merged_into !== null) incident = await processor.incident(incident.merged_into)
  return incident
}

async function alertOf(
  alertmanager: Alertmanager,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<number | undefined> {
  const seen = async () => {
    const times = ids.flatMap((id) => alertmanager.seenAt(id) ?? [])
    return times.length > 0 ? Math.min(...times) : undefined
  }
  return until('alert', seen, { timeoutMs: ALERT_TIMEOUT_MS, signal }).catch((error: unknown) => {
    if (error instanceof TimedOut) return undefined
    throw error
  })
}

/** Goes on showing the shop, and says when incidents open and resolve. */
async function forever(
  processor: DemoProcessor,
  view: View,
  signal: AbortSignal,
  ends: AbortSignal,
): Promise<void> {
  view.next(processor)
  const known = new Map((await processor.incidents()).map((incident) => [incident.id, incident.state]))
  for (;;) {
    for (const incident of await processor.incidents()) {
      if (known.get(incident.id) === incident.state) continue
      known.set(incident.id, incident.state)
      if (incident.state === 'open') view.say(`Incident: ${incident.title}`)
      if (incident.state === 'resolved') view.say(`Resolved: ${incident.title}`)
    }
    try {
      await setTimeout(1000, undefined, { signal })
    } catch (error) {
      if (ends.aborted) return
      throw error
    }
  }
}
