import type { SiteStatus } from '@adf/contract'
import type { Clock } from '../telemetry/clock.ts'

type RunStanding = SiteStatus['runs'][number]

/** Where this site stands, for people: a line for each run that it has had to do with, as many as the server offers at most. */
export class Standing {
  readonly #server: string
  readonly #clock: Clock
  #idle: string | null = null
  readonly #runs = new Map<string, RunStanding>()
  #identity: Pick<SiteStatus, 'client' | 'public_key'> = { client: null, public_key: null }
  #contact: Pick<SiteStatus, 'reachable' | 'last_success_at' | 'last_error'> = {
    reachable: null,
    last_success_at: null,
    last_error: null,
  }

  /** @param url of the server; a password in it is left out */
  constructor(url: string, clock: Clock) {
    const shown = URL.parse(url)
    if (shown !== null) {
      shown.username = ''
      shown.password = ''
    }
    this.#server = (shown?.href ?? url).replace(/\/$/, '')
    this.#clock = clock
  }

  enrolled(client: string, publicKey: string): void {
    this.#identity = { client, public_key: publicKey }
  }

  /** The server said what there is to do; doing it may take long. */
  answered(): void {
    const at = new Date(this.#clock()).toISOString()
    this.#contact = { ...this.#contact, reachable: true, last_success_at: at }
  }

  /** What there was to do is done. */
  did(): void {
    this.#contact = { ...this.#contact, last_error: null }
  }

  /** @param reached the server answered, but not with what was wanted */
  failed(error: string, reached: boolean): void {
    this.#contact = { ...this.#contact, reachable: reached, last_error: error }
  }

  /** Why there is nothing to train on; undefined: there is. */
  idle(reason: string | undefined): void {
    this.#idle = reason ?? null
  }

  /** A run that is not for this site. */
  unsuitable(run: string, stream: string, detail: string): void {
    this.#set(run, { stream, last_missed: detail })
  }

  holds(run: string, stream: string, version: number): void {
    this.#set(run, { stream, version })
  }

  counted(run: string, round: number): void {
    this.#set(run, { last_round: round, last_missed: null })
  }

  missed(run: string, detail: string): void {
    this.#set(run, { last_missed: detail })
  }

  status(): SiteStatus {
    return {
      server: this.#server,
      ...this.#identity,
      ...this.#contact,
      idle: this.#idle,
      runs: [...this.#runs.values()],
    }
  }

  #set(run: string, change: Partial<RunStanding>): void {
    const before = this.#runs.get(run) ?? {
      run,
      stream: '',
      version: null,
      last_round: null,
      last_missed: null,
    }
    this.#runs.set(run, { ...before, ...change })
  }
}
