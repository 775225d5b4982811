import { Layers } from '../codec/layers.ts'
import { encodeModel, type Layer } from '../codec/model.ts'
import type { Detector, Explanation } from '../detector.ts'
import type { History } from '../history.ts'
import { DigestBank } from '../statistics/digest.ts'

export interface MajorityOptions {
  /** All of the same features. */
  readonly members: readonly Detector[]
  /** A member votes when it has a higher score than for all but this share of the latest vectors. */
  readonly share?: number
}

const KIND = 'majority'
const VERSION = 2
/** Vectors after which a score of a member weighs half in what is usual for it. */
const RECENT = 400
const SHARE = 0.01
/** Greatest strangeness that is told apart: keeps what is below one vote below it in floating point too. */
const LARGEST = 1e6
/** Smallest distance between a member's median and its limit. */
const SMALLEST = 1e-9

/**
 * Several detectors that vote: the more of them find a vector unusual, the higher it ranks, whatever they say of how unusual it
 * is.
 *
 * A member's strangeness is its score as it lies between its median (0) and its limit (1) of late; above 1 it votes. The two follow all that
 * is observed, since members that learn no more find ever stranger what drifts: all would vote at all times in the end. Raw
 * score: number of votes, and what ranks vectors with the same number: without votes the mean strangeness; with some the mean
 * excess m of those who vote, as m/(1 + m); with all of them m itself, since above unanimity there is nothing to be kept below
 * and a calibrated score needs a tail. So a larger majority always ranks above a smaller one. Not monotone unless its members
 * are. Fails when the odd thing is of a kind that only one member can see. Cost: the members'. The explanation is that of those
 * who vote, or of all when none does, each weighted alike.
 *
 * Source: L. I. Kuncheva: Combining pattern classifiers (2004), ch. 4.
 */
export class MajorityDetector implements Detector {
  readonly name = KIND
  readonly features: readonly string[]
  readonly members: readonly Detector[]
  readonly #share: number
  readonly #strangeness: Float64Array
  /** Scores of the members, what they were judged last for, and what is usual for them. */
  readonly #raw: Float64Array
  #judged: { readonly vector: Float64Array; readonly timeMs: number } | undefined
  #usual: DigestBank
  #medians: Float64Array
  #limits: Float64Array

  constructor({ members, share = SHARE }: MajorityOptions) {
    this.members = members
    this.features = members[0]!.features
    this.#share = share
    this.#strangeness = new Float64Array(members.length)
    this.#raw = new Float64Array(members.length)
    this.#usual = new DigestBank(members.length, RECENT)
    this.#medians = new Float64Array(members.length)
    this.#limits = new Float64Array(members.length)
  }

  get ready(): boolean {
    return this.members.every((member) => member.ready)
  }

  fit(history: History): void {
    this.#judged = undefined
    for (const member of this.members) member.fit(history)
    // Their context is now the end of the history: the first few scores below are off, which a quantile does not mind.
    this.#usual = new DigestBank(this.members.length, RECENT)
    for (let i = 0; i < history.count; i++) this.observe(history.row(i), history.timesMs[i]!)
    for (let m = 0; m < this.members.length; m++) if (this.#usual.buffered(m) > 0) this.#renew(m)
  }

  learn(vector: Float64Array, timeMs: number): void {
    this.#judged = undefined
    for (const member of this.members) member.learn(vector, timeMs)
  }

  observe(vector: Float64Array, timeMs: number): void {
    this.#judge(vector, timeMs)
    for (let m = 0; m < this.members.length; m++) if (this.#usual.add(m, this.#raw[m]!)) this.#renew(m)
    this.#judged = undefined
    for (const member of this.members) member.observe(vector, timeMs)
  }

  score(vector: Float64Array, timeMs: number): number {
    if (!this.ready) return 0
    this.#judge(vector, timeMs)
    const count = this.members.length
    let votes = 0
    let excess = 0
    let sum = 0
    for (let m = 0; m < count; m++) {
      const raw = this.#raw[m]!
      const median = this.#medians[m]!
      const limit = this.#limits[m]!
      const share = (raw - median) / Math.max(SMALLEST, limit - median)
      // Rounding must not make a vote of a score that is at the limit, nor take one away.
      const strangeness =
        raw > limit ? Math.max(1 + 1e-9, Math.min(LARGEST, share)) : Math.max(0, Math.min(1, share))
      this.#strangeness[m] = strangeness
      sum += strangeness
      if (strangeness <= 1) continue
      votes++
      excess += strangeness - 1
    }
    if (votes === 0) return Math.min(BELOW_ONE, sum / count)
    const mean = excess / votes
    return votes === count ? votes + mean : votes + mean / (1 + mean)
  }

  explain(vector: Float64Array, timeMs: number): Explanation {
    const raw = this.score(vector, timeMs)
    const votes = raw >= 1
    const heard = this.members.filter((_, m) => this.#strangeness[m]! > (votes ? 1 : 0))
    const each = (raw > 0 ? heard : []).map((member) => member.explain(vector, timeMs))
    const parts = new Float64Array(this.features.length)
    for (const { parts: own } of each)
      for (let i = 0; i < parts.length; i++) parts[i]! += own[i]! / each.length
    const { expected, low, high } = each[0] ?? this.members[0]!.explain(vector, timeMs)
    return { parts, expected, low, high }
  }

  save(): Uint8Array {
    const layers = new Map<string, Layer>([
      ['members', { data: this.#identity() }],
      ...this.#usual.layers('usual'),
      ['medians', { data: this.#medians }],
      ['limits', { data: this.#limits }],
    ])
    for (const [m, member] of this.members.entries()) layers.set(`member.${m}`, { data: member.save() })
    return encodeModel({ kind: KIND, version: VERSION, layers })
  }

  load(bytes: Uint8Array): void {
    const layers = new Layers(bytes, KIND, VERSION)
    layers.same('members', this.#identity())
    const medians = layers.float64('medians', this.members.length)
    const limits = layers.float64('limits', this.members.length)
    const usual = new DigestBank(this.members.length, RECENT)
    usual.restoreFrom('usual', layers)
    this.#judged = undefined
    const before = this.members.map((member) => member.save())
    try {
      for (const [m, member] of this.members.entries()) member.load(layers.bytes(`member.${m}`))
    } catch (error) {
      for (const [m, member] of this.members.entries()) member.load(before[m]!)
      throw error
    }
    this.#usual = usual
    this.#medians = medians
    this.#limits = limits
  }

  /** What was judged last is usually observed next, and not judged twice. */
  #judge(vector: Float64Array, timeMs: number): void {
    const judged = this.#judged
    if (judged?.timeMs === timeMs && judged.vector.every((value, i) => Object.is(value, vector[i]))) return
    for (let m = 0; m < this.members.length; m++) this.#raw[m] = this.members[m]!.score(vector, timeMs)
    this.#judged = { vector: vector.slice(), timeMs }
  }

  #renew(m: number): void {
    this.#usual.compress(m)
    this.#medians[m] = this.#usual.quantile(m, 0.5)
    this.#limits[m] = this.#usual.quantile(m, 1 - this.#share)
  }

  #identity(): string {
    return JSON.stringify([this.#share, ...this.members.map(({ name }) => name)])
  }
}

const BELOW_ONE = 1 - 1e-9
