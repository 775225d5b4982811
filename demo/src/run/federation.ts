import { simulateEvents } from '../simulate/events.ts'
import { sendEvents } from '../simulate/send.ts'
import { exampleStreams } from '../simulate/streams.ts'
import type { AdfProcess } from './adf-process.ts'
import { startBranch } from './branch.ts'
import { invite, startFederationServer } from './federation-server.ts'
import { FEDERATED_STREAM, type Membership } from './membership.ts'

/** What the processor that watches the shop is called. */
const SHOP = 'shop'
const BRANCHES = ['branch-1', 'branch-2']
const SITES = 1 + BRANCHES.length
/** Events of the servers of one site, each second. */
const RATE = 20
/** Of the past, at the begin: enough that each of the five servers has been scored for a first run of vectors that can be trained on. */
const PAST = 4500
/** They are there within twenty seconds: rounds begin while the shop is still being learned, so that they are part of what is normal. */
const PAST_RATE = 250

export interface FederationDemo {
  /** The `adf` program. */
  readonly program: URL
  readonly seed: number
  readonly durationMs: number
  /** Told when a part of it ends, or takes no events any more, though nobody stopped it. */
  readonly failed: (error: Error) => void
}

interface Branch {
  readonly name: string
  readonly process: AdfProcess
}

/** A federation of three sites: the processor that watches the shop, and two branches with nothing but servers. */
export class DemoFederation {
  readonly #options: FederationDemo
  readonly #server: AdfProcess
  readonly #stopping = new AbortController()
  #branches: readonly Branch[] = []
  #feeds: readonly Promise<void>[] = []

  private constructor(options: FederationDemo, server: AdfProcess) {
    this.#options = options
    this.#server = server
    server.onUnexpectedExit((tail) => this.#failed('adf federation ended unexpectedly', tail))
  }

  /** Starts the server alone: the sites need its address and its invitations. */
  static async start(options: FederationDemo): Promise<DemoFederation> {
    const features = Object.keys(exampleStreams()[FEDERATED_STREAM].features)
    return new DemoFederation(
      options,
      await startFederationServer(options.program, { features, sites: SITES }),
    )
  }

  get url(): string {
    return this.#server.url
  }

  get branches(): readonly { readonly name: string; readonly api: string }[] {
    return this.#branches.map(({ name, process }) => ({ name, api: process.url }))
  }

  /** For the processor that watches the shop. */
  invite(): Promise<Membership> {
    return invite(this.url, SHOP)
  }

  /** Starts the branches, and gives each site events of its servers from now on. @param shop the API of the processor that watches the shop */
  async open(shop: string): Promise<void> {
    const { program, seed } = this.#options
    const started = await Promise.allSettled(
      BRANCHES.map(async (name) => ({
        name,
        process: await startBranch(program, await invite(this.url, name)),
      })),
    )
    this.#branches = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    for (const one of started) if (one.status === 'rejected') throw one.reason
    for (const { name, process } of this.#branches)
      process.onUnexpectedExit((tail) => this.#failed(`${name} ended unexpectedly`, tail))
    const sites = [{ name: SHOP, api: shop }, ...this.branches]
    this.#feeds = sites.map(({ name, api }, at) =>
      this.#feed(api, seed + at).catch((error: Error) =>
        this.#failed(`the servers of ${name} are no longer watched`, error.message),
      ),
    )
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await Promise.all(this.#feeds)
    await Promise.all(this.#branches.map(({ process }) => process.stop()))
    await this.#server.stop()
  }

  /** None of the events is anomalous: an incident shall be of the shop. */
  async #feed(api: string, seed: number): Promise<void> {
    const { durationMs } = this.#options
    const about = { stream: FEDERATED_STREAM, anomalies: 0, intervalMs: 1000 / RATE }
    const to = { url: api, stream: FEDERATED_STREAM, signal: this.#stopping.signal }
    const pastMs = Date.now() - PAST * about.intervalMs
    const past = simulateEvents({ ...about, seed, count: PAST, startMs: pastMs })
    await sendEvents(past, { ...to, ratePerSecond: PAST_RATE })
    const count = Math.ceil((durationMs / 1000) * RATE)
    const live = simulateEvents({ ...about, seed: seed + SITES, count, startMs: Date.now() })
    await sendEvents(live, { ...to, ratePerSecond: RATE })
  }

  #failed(what: string, why: string): void {
    if (!this.#stopping.signal.aborted) this.#options.failed(new Error(`${what}. ${why.trim()}`))
  }
}
