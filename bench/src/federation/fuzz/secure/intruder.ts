import { createHash, randomBytes } from 'node:crypto'
import { SecureRoundState } from '@adf/contract/federation'
import type { Rng } from '@adf/detectors'
import { encodeDense } from '@adf/detectors/update'
import { type EnrolledKeys, SecureAggregationError } from '@adf/federation/secure-aggregation'
import { type Answer, expected, json, type Site } from '../../server/site.ts'
import { type Besieged, pause, RUN } from '../besieged.ts'
import { Forger, type Unsigned } from '../forger.ts'
import { LIES, type Lie, TOLD_IN } from './lies.ts'
import { type Message, Part, STEPS, type Step, stepPath } from './part.ts'
import { spoiltJson, spoiltWords } from './spoil.ts'

/** Of the rounds that it has a part in. */
const LYING = 0.3
/** Requests that it sends in each phase, and under way at once. */
const BURST = 16
const AT_ONCE = 4
/** Messages of earlier rounds and other clients that are remembered. */
const KEPT = 128

const NAMES = Object.keys(LIES) as Lie[]

/** Lies that were told, by name. */
type Told = Record<string, number>

/** What intruders know together: each sends messages of the others as its own, too. */
export interface Loot {
  readonly messages: Message[]
  readonly told: Told
  readonly enrolled: EnrolledKeys
}

/** An enrolled client that takes part in rounds of secure aggregation, and sends what no client should beside what it must. */
export class SecureIntruder {
  readonly #server: Besieged
  readonly #forger: Forger
  readonly #rng: Rng
  readonly #loot: Loot
  #lies = 0

  constructor(server: Besieged, site: Site, rng: Rng, loot: Loot) {
    this.#server = server
    this.#forger = new Forger(site, rng)
    this.#rng = rng
    this.#loot = loot
  }

  /** Asks for work, and plays the round if there is one. */
  async takeTurn(): Promise<void> {
    const { site } = this.#forger
    const { round } = await site.work(RUN, undefined, 0)
    if (round === null) await pause()
    else await this.#play(round.round)
  }

  /** Sends to a round that it was not asked in. */
  async bother(): Promise<void> {
    const message = this.#loot.messages.at(-1)
    if (message === undefined) await pause()
    else await this.#burst(message)
  }

  async #play(round: number): Promise<void> {
    const lie = this.#rng() < LYING ? NAMES[this.#lies++ % NAMES.length] : undefined
    const silentIn = this.#forger.oneOf(STEPS)
    // The same for both, in the same round.
    const twin = (length: number) =>
      createHash('sha256').update(`${round} ${twins++}`).digest().subarray(0, length)
    let twins = 0
    const part = new Part(this.#forger.site, this.#loot.enrolled, lie === 'twin_keys' ? twin : randomBytes)
    let after: SecureRoundState['phase'] | undefined
    while (this.#server.goesOn()) {
      const state = await this.#state(round, after)
      if (state.phase === after) continue
      after = state.phase
      const proper = await part.messageAt(state).catch((error: unknown) => {
        // Another one lied to it.
        if (error instanceof SecureAggregationError) return undefined
        throw error
      })
      if (proper === undefined) return
      this.#keep(proper)
      const told = lie !== undefined && (lie === 'silence' ? silentIn : TOLD_IN[lie]) === proper.step
      if (!told) await this.#send(proper)
      await this.#burst(proper)
      if (!told) continue
      const lying = LIES[lie](proper, this.#forger)
      this.#loot.told[lie] = (this.#loot.told[lie] ?? 0) + 1
      if (lying === undefined) return
      await this.#send(lying)
    }
  }

  async #state(round: number, after: string | undefined): Promise<SecureRoundState> {
    const query = after === undefined ? '' : `?wait_seconds=5&after=${after}`
    const answer = await this.#forger.site.get(`/federation/v1/runs/${RUN}/rounds/${round}/secure${query}`)
    return SecureRoundState.parse(json(expected(answer, 200)))
  }

  #keep(message: Message): void {
    const { messages } = this.#loot
    if (messages.length >= KEPT) messages.splice(this.#forger.below(KEPT), 1)
    messages.push(message)
  }

  #send(request: Unsigned): Promise<Answer> {
    return this.#forger.send(this.#forger.signed(request))
  }

  async #burst(proper: Message): Promise<void> {
    let left = BURST
    const work = async () => {
      while (left-- > 0 && this.#server.next()) {
        const deed = this.#forger.oneOf(this.#deeds)
        this.#server.answered(await deed(proper).catch(() => undefined))
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
  }

  /** The kinds of things that it does, each to what it would have to send. */
  readonly #deeds: readonly ((proper: Message) => Promise<Answer | undefined>)[] = [
    // Another body than was signed.
    (proper) => this.#forger.send(this.#forger.broken(this.#forger.signed(proper), this.#other(proper))),
    // Bytes that are no message, signed.
    (proper) => this.#send({ ...proper, body: this.#forger.mutate(proper.body, this.#other(proper)) }),
    (proper) => this.#send(this.#spoilt(proper)),
    (proper) => this.#send(this.#spoilt(proper)),
    // Sent twice.
    async (proper) => {
      await this.#send(proper)
      return this.#send(proper)
    },
    () => this.#forger.replay(),
    // To the step of another phase, or with the message of one.
    (proper) => this.#send({ ...proper, path: this.#pathOf(proper, this.#forger.oneOf(STEPS)) }),
    (proper) => {
      const other = this.#forger.oneOf(this.#loot.messages)
      return this.#send({ ...other, path: this.#pathOf(proper, other.step) })
    },
    // Of another round, of another client.
    (proper) => {
      const others = this.#loot.messages.filter(({ step }) => step === proper.step)
      return this.#send({ ...this.#forger.oneOf(others), path: proper.path })
    },
    (proper) => this.#send({ ...proper, path: stepPath(RUN, this.#forger.below(1000), proper.step) }),
    (proper) => this.#forger.send(this.#forger.signedInAnHour(proper)),
    (proper) => this.#forger.send(this.#forger.signedByStranger(proper)),
    (proper) => this.#forger.send(this.#forger.garbled(this.#forger.signed(proper))),
    (proper) => this.#forger.cutOff(this.#forger.signed(proper)),
    (proper) => this.#question(proper),
    (proper) => this.#unmasked(proper),
  ]

  #spoilt(message: Message): Message {
    const ids = [...this.#loot.enrolled.keys()]
    const body =
      message.step === 'input'
        ? spoiltWords(message.body, this.#forger)
        : spoiltJson(message.body, ids, this.#forger)
    return { ...message, body }
  }

  #other({ body }: Message): Uint8Array {
    return this.#loot.messages.length === 0 ? body : this.#forger.oneOf(this.#loot.messages).body
  }

  #pathOf({ path }: Message, step: Step): string {
    return path.replace(/[a-z]+$/, step)
  }

  /** Where the round is, asked for as nobody should. */
  #question({ path }: Message): Promise<Answer> {
    const query = this.#forger.oneOf([
      '?wait_seconds=1e999',
      '?wait_seconds=-1',
      '?after=over',
      '?after=sharing&after=masking',
      '?wait_seconds=NaN&after=',
      '?x=%00',
      '',
    ])
    const target = path.replace(/\/[a-z]+$/, '') + query
    return this.#send({ method: 'GET', path: target, body: new Uint8Array(), type: 'application/json' })
  }

  /** A million samples without masks. */
  #unmasked({ path }: Message): Promise<Answer> {
    const target = path.replace(/secure\/[a-z]+$/, 'update?base=0&samples=1000000&loss=0')
    return this.#send({ method: 'POST', path: target, body: SOME_UPDATE, type: 'application/vnd.adf.update' })
  }
}

const SOME_UPDATE = encodeDense(new Float32Array(64).fill(1))
