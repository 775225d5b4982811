import { styleText } from 'node:util'
import type { Incident } from '@adf/contract'
import { describeFault } from '../faults/catalogue.ts'
import type { DemoProcessor } from './processor.ts'
import { clock, incidentText, nextSteps } from './story.ts'
import { type ServiceState, stateLine, statesOf, stateTable } from './table.ts'
import { bareName, type Trial } from './trial.ts'

const TABLE_EVERY_MS = 1000
const LINE_EVERY_MS = 15_000

/**
 * What a person sees: sentences that stay, and below them, on a terminal, a table of the services that is redrawn each second. Elsewhere the
 * table is a line now and then.
 */
export class View {
  readonly #out: NodeJS.WriteStream
  readonly #live: boolean
  readonly #now: () => number
  #states: readonly ServiceState[] = []
  #note = ''
  #height = 0
  #lastLine = Number.NEGATIVE_INFINITY
  #waitingFor = ''

  constructor(out: NodeJS.WriteStream, now: () => number) {
    this.#out = out
    this.#live = out.isTTY === true
    this.#now = now
  }

  say(text: string): void {
    this.#erase()
    this.#out.write(`${text}\n`)
    this.#draw()
  }

  progress(what: string, share: number): void {
    this.#note = share >= 1 ? '' : `${what}: ${Math.floor(100 * share)} %`
    if (share >= 1) this.say('ADF knows what is normal for every service.')
    else if (this.#live) this.#redraw()
    else if (this.#now() - this.#lastLine >= LINE_EVERY_MS) {
      this.#lastLine = this.#now()
      this.say(`  ${this.#note}`)
    }
  }

  waiting(services: readonly string[]): void {
    const text = [...new Set(services)].join(', ')
    if (this.#waitingFor === text) return
    this.#waitingFor = text
    this.say(`Waiting until the open incident of ${text} is over.`)
  }

  fault({ fault, service }: Trial): void {
    this.#waitingFor = ''
    this.say(
      `\n${this.#style('yellow', `Fault at ${clock(this.#now())}: ${fault} in ${service}`)} (${describeFault(fault)}).`,
    )
  }

  opened(incident: Incident, afterSeconds: number): void {
    this.say(`Incident opened ${afterSeconds.toFixed(1)} s after the fault: ${incident.title}`)
  }

  incident(incident: Incident, trial: Trial): void {
    const right = bareName(incident.causes[0]?.service ?? '') === trial.service
    this.say(incidentText(incident, (format, text) => this.#style(format, text)))
    this.say(
      right
        ? this.#style('green', `Right: the fault was in ${trial.service}.`)
        : this.#style('red', `Wrong: the fault was in ${trial.service}.`),
    )
  }

  missed({ fault, service }: Trial, seconds: number): void {
    this.say(this.#style('red', `Missed: no incident within ${seconds} s of ${fault} in ${service}.`))
  }

  next(processor: DemoProcessor): void {
    this.say(nextSteps(processor.api, processor.grpcPort))
  }

  /** Looks at the services each second until the function that it gives is called. */
  follow(processor: DemoProcessor, services: readonly string[]): () => void {
    let stopped = false
    let timer: NodeJS.Timeout | undefined
    const look = async () => {
      try {
        const [graph, entities] = await Promise.all([processor.graph(), processor.entities()])
        this.#states = statesOf(services, graph, entities)
      } catch {
        // One look without an answer is no news; when ADF is gone, the demo says so.
      }
      if (stopped) return
      if (this.#live) this.#redraw()
      else if (this.#note === '' && this.#now() - this.#lastLine >= LINE_EVERY_MS) {
        this.#lastLine = this.#now()
        this.say(`  ${stateLine(this.#states)}`)
      }
      timer = setTimeout(look, TABLE_EVERY_MS)
    }
    void look()
    return () => {
      stopped = true
      clearTimeout(timer)
      this.#erase()
      this.#states = []
      this.#note = ''
    }
  }

  #style(format: Parameters<typeof styleText>[0], text: string): string {
    return styleText(format, text, { stream: this.#out })
  }

  #redraw(): void {
    this.#erase()
    this.#draw()
  }

  #erase(): void {
    if (this.#height === 0) return
    this.#out.moveCursor(0, -this.#height)
    this.#out.cursorTo(0)
    this.#out.clearScreenDown()
    this.#height = 0
  }

  #draw(): void {
    if (!this.#live || this.#states.length === 0) return
    const room = (this.#out.rows ?? 24) - 2
    const lines = [
      '',
      ...stateTable(this.#states, (format, text) => this.#style(format, text)),
      ...(this.#note ? ['', this.#note] : []),
    ]
    const shown = lines.slice(0, room)
    this.#out.write(`${shown.join('\n')}\n`)
    this.#height = shown.length
  }
}
