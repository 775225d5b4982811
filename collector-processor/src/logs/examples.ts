import type { TemplateMiner } from './miner.ts'
import type { Template } from './template.ts'

/** The example lines of templates, which can be given up while memory is short. */
export class Examples {
  /** Examples given up, or not kept, for want of memory. */
  dropped = 0
  readonly #miner: Pick<TemplateMiner, 'all'>
  #closed = false

  constructor(miner: Pick<TemplateMiner, 'all'>) {
    this.#miner = miner
  }

  shed(on: boolean): void {
    this.#closed = on
    if (on) for (const template of this.#miner.all()) this.#forget(template)
  }

  /** To be called with what was found for a line. */
  found(template: Template): Template {
    if (this.#closed) this.#forget(template)
    return template
  }

  #forget(template: Template): void {
    if (template.forgetExample()) this.dropped++
  }
}
