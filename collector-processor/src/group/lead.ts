import { type Logger, type Recurring, recurring } from '@adf/service'
import { Gauge, type Registry } from 'prom-client'

/** One process's time as the reducer. */
export interface Term {
  /** Rejects when it cannot go on. */
  round(): Promise<void>
  /** Another process has the role by now. */
  readonly over: boolean
  stop(): Promise<void>
}

export interface LeadOptions {
  /** Rejects while another process is the reducer. */
  readonly begin: () => Promise<Term>
  readonly everyMs: number
  readonly registry: Registry
  readonly log: Pick<Logger, 'info' | 'warn'>
}

/** Another process is the reducer: no fault. */
const TAKEN = 'is in use by another adf'

/** @param leading whether it is this process, as it always is of one by itself */
export function showLeading(registry: Registry, leading: () => boolean): void {
  new Gauge({
    name: 'adf_reducer_leading',
    help: 'Whether this process makes incidents of what it and all other members of its group find (1) or stands by (0).',
    registers: [registry],
    collect() {
      this.set(leading() ? 1 : 0)
    },
  })
}

/** Stands by until this process can be the reducer, and is it for as long as nothing fails: then it stands by again. */
export function createLead({ begin, everyMs, registry, log }: LeadOptions): Recurring {
  let term: Term | undefined
  let told: string | undefined
  showLeading(registry, () => term !== undefined)
  const end = async () => {
    const ended = term
    term = undefined
    await ended?.stop()
  }
  const tell = (error: unknown) => {
    const words = error instanceof Error ? error.message : String(error)
    if (words !== told && !words.includes(TAKEN)) log.warn({ err: error }, 'incidents are not made here yet')
    told = words
  }
  const work = recurring({
    name: 'reducer',
    everyMs,
    async work() {
      try {
        if (term === undefined) {
          term = await begin()
          told = undefined
          log.info('this process makes the incidents of the group')
        }
        await term.round()
        if (term.over) throw new Error('another processor makes the incidents of the group now')
      } catch (error) {
        tell(error)
        await end()
      }
    },
    failed: tell,
  })
  return {
    name: 'reducer',
    start: () => work.start(),
    nudge: () => work.nudge(),
    async stop() {
      await work.stop()
      await end()
    },
  }
}
