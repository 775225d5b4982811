import { setTimeout } from 'node:timers/promises'
import { describeFault } from '../faults/catalogue.ts'
import { Load } from '../load/load.ts'
import { RunningShop } from '../shop/shop.ts'
import type { Trial } from './trial.ts'

export interface ShopAloneOptions {
  /** Where the telemetry of the services goes: OTLP over gRPC, such as http://collector:4317. */
  readonly otlpEndpoint: string
  readonly seed: number
  readonly ratePerSecond: number
  /** One after the other, and from the beginning again; none: the shop stays well. */
  readonly trials: readonly Trial[]
  /** From the start, and from the end of a fault, to the next one. */
  readonly pauseMs: number
  /** How long a fault lasts. */
  readonly faultMs: number
  readonly signal: AbortSignal
  readonly say: (text: string) => void
}

/** The shop and its users, with faults in turn, for an ADF that runs elsewhere. Ends with `signal`; rejects when one of its processes ends. */
export async function runShopAlone(options: ShopAloneOptions): Promise<void> {
  const { otlpEndpoint, seed, ratePerSecond, trials, say } = options
  const broken = new AbortController()
  const signal = AbortSignal.any([options.signal, broken.signal])
  const shop = new RunningShop({ otlpEndpoint, seed })
  await shop.start()
  let load: Load | undefined
  try {
    shop.onUnexpectedExit((name, tail) =>
      broken.abort(new Error(`${name} ended unexpectedly. ${tail.trim()}`)),
    )
    load = new Load({
      url: shop.addressOf('frontend'),
      seed,
      ratePerSecond,
      durationMs: Number.POSITIVE_INFINITY,
    })
    load.start()
    say(`The shop is open: ${ratePerSecond} requests a second, telemetry to ${otlpEndpoint}.`)
    for (let i = 0; ; i++) {
      await setTimeout(options.pauseMs, undefined, { signal })
      const trial = trials[i % trials.length]
      if (trial === undefined) continue
      say(`Fault: ${describeFault(trial.fault)} in ${trial.service}.`)
      await shop.inject(trial.fault, trial.service)
      await setTimeout(options.faultMs, undefined, { signal })
      await shop.heal(trial.fault, trial.service)
      say(`The fault is over: ${trial.service} works as before.`)
    }
  } catch (error) {
    if (broken.signal.aborted) throw broken.signal.reason
    if (!options.signal.aborted) throw error
  } finally {
    load?.stop()
    await shop.stop()
  }
}
