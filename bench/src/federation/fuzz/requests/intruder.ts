import { type Rng, weightCount } from '@adf/detectors'
import { compressUpdate, encodeDense } from '@adf/detectors/update'
import type { Answer, Site } from '../../server/site.ts'
import { Forger, type Unsigned } from '../forger.ts'
import { sealed } from '../sealed.ts'

/** What an intruder can see of the run. */
export interface Target {
  readonly run: string
  readonly network: Parameters<typeof weightCount>[0]
  /** Latest round and version. */
  readonly round: number
  readonly version: number
}

/** An enrolled client that sends what no client should. */
export class Intruder {
  readonly #forger: Forger
  readonly #rng: Rng

  constructor(site: Site, rng: Rng) {
    this.#forger = new Forger(site, rng)
    this.#rng = rng
  }

  /** The kinds of things that it does, by name; each resolves to the answer, or to undefined when there is none. */
  readonly deeds: Readonly<Record<string, (target: Target) => Promise<Answer | undefined>>> = {
    body_mutated: (target) =>
      this.#forger.send(this.#forger.broken(this.#forger.signed(this.#update(target)), SOME_DENSE)),
    frame_mutated: (target) => this.#send(this.#update(target, this.#mutatedFrame(target))),
    frame_sealed: (target) => this.#send(this.#update(target, sealed(this.#mutatedFrame(target)))),
    duplicated: async (target) => {
      const update = this.#update(target)
      await this.#send(update)
      return this.#send(update)
    },
    replayed: async (target) => (await this.#forger.replay()) ?? this.#send(this.#update(target)),
    reordered: (target) =>
      this.#send(
        this.#update({
          ...target,
          round: 1 + this.#forger.below(target.round + 3),
          version: this.#forger.below(target.version + 3),
        }),
      ),
    from_the_future: (target) => this.#forger.send(this.#forger.signedInAnHour(this.#update(target))),
    another_key: (target) => this.#forger.send(this.#forger.signedByStranger(this.#update(target))),
    another_shape: (target) => this.#send(this.#update(target, this.#frame({ ...target, network: OTHER }))),
    million_samples: (target) => this.#send(this.#update(target, this.#frame(target), 1_000_000)),
    extreme_values: (target) => this.#send(this.#update(target, this.#extreme(target))),
    headers_mutated: (target) =>
      this.#forger.send(this.#forger.garbled(this.#forger.signed(this.#update(target)))),
    message_mutated: () => this.#send(this.#work()),
    cut_off: (target) => this.#forger.cutOff(this.#forger.signed(this.#update(target))),
  }

  #send(request: Unsigned): Promise<Answer> {
    return this.#forger.send(this.#forger.signed(request))
  }

  #mutatedFrame(target: Target): Uint8Array {
    return this.#forger.mutate(this.#frame(target), SOME_DENSE)
  }

  #frame({ network }: Pick<Target, 'network'>): Uint8Array {
    const values = Float32Array.from({ length: weightCount(network) }, () => 0.02 * (this.#rng() - 0.5))
    return compressUpdate(values, 1).bytes
  }

  #extreme({ network }: Target): Uint8Array {
    const large = [Number.NaN, Number.POSITIVE_INFINITY, 9e29, -9e29, 1e10, 1e-45, 0]
    const some = 1 + this.#forger.below(large.length)
    const count = weightCount(network)
    const frame = encodeDense(new Float32Array(count))
    const view = new DataView(frame.buffer, frame.byteOffset)
    for (let i = 0; i < count; i++)
      view.setFloat32(16 + 4 * i, large[large.length - 1 - this.#forger.below(some)]!, true)
    return sealed(frame)
  }

  #update(
    { run, round, version, network }: Target,
    body = this.#frame({ network }),
    samples = 100,
  ): Unsigned {
    const path = `/federation/v1/runs/${run}/rounds/${round}/update?base=${version}&samples=${samples}&loss=0.5`
    return { method: 'POST', path, body, type: 'application/vnd.adf.update' }
  }

  #work(): Unsigned {
    const text = JSON.stringify({ holding: [], streams: ['service'], wait_seconds: 0 })
    const body = this.#forger.mutate(Buffer.from(text), SOME_DENSE)
    return { method: 'POST', path: '/federation/v1/work', body, type: 'application/json' }
  }
}

const OTHER = { kind: 'lstm', inputs: 2, hidden: 5, layers: 1 } as const
const SOME_DENSE = encodeDense(Float32Array.from({ length: 64 }, (_, i) => Math.sin(i)))
