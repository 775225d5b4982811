import { Agent, request } from 'node:http'
import { seededRandom, seedOf } from '../runtime/random.ts'
import { nextRequest, type UserRequest } from './mix.ts'

export interface LoadOptions {
  /** Base address of the frontend. */
  readonly url: string
  readonly ratePerSecond: number
  readonly seed: number
  /** Stops by itself after so long. */
  readonly durationMs: number
}

const MAX_IN_FLIGHT = 200
const TIMEOUT_MS = 10_000

/** Open-loop users: they come when they come, whether or not the shop has answered the ones before. */
export class Load {
  readonly #options: LoadOptions
  readonly #agent = new Agent({ keepAlive: true, maxSockets: MAX_IN_FLIGHT })
  #timer: NodeJS.Timeout | undefined
  #inFlight = 0
  readonly counts = { sent: 0, failed: 0, skipped: 0 }

  constructor(options: LoadOptions) {
    this.#options = options
  }

  start(): void {
    const { ratePerSecond, seed, durationMs } = this.#options
    const random = seededRandom(seedOf(seed, 'load'))
    const start = performance.now()
    let due = 0
    const next = () => {
      const now = performance.now() - start
      while (due <= now) {
        this.#send(nextRequest(random))
        // Evenly spaced with some jitter: rates vary less than Poisson's, so that a small demo has a steady normal.
        due += (1000 / ratePerSecond) * (0.5 + random())
      }
      if (now < durationMs) this.#timer = setTimeout(next, due - now)
    }
    next()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#agent.destroy()
  }

  #send({ method, path, body }: UserRequest): void {
    if (this.#inFlight >= MAX_IN_FLIGHT) {
      this.counts.skipped++
      return
    }
    this.#inFlight++
    this.counts.sent++
    let open = true
    const done = (ok: boolean) => {
      if (!open) return
      open = false
      this.#inFlight--
      if (!ok) this.counts.failed++
    }
    const headers = { 'content-type': 'application/json' }
    const call = request(
      new URL(path, this.#options.url),
      { method, agent: this.#agent, headers, timeout: TIMEOUT_MS },
      (response) => {
        response.resume()
        response.on('close', () => done((response.statusCode ?? 500) < 500))
      },
    )
    call.on('timeout', () => call.destroy())
    call.on('error', () => done(false))
    call.end(body && JSON.stringify(body))
  }
}
