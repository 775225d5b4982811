import { Layers } from '../codec/layers.ts'
import { encodeModel, type Layer } from '../codec/model.ts'
import type { Detector, Explanation } from '../detector.ts'
import type { History } from '../history.ts'

export interface MajorityOptions {
  /** All of the same features. */
  readonly members: readonly Detector[]
  /** A member votes when it has a higher score than for all but this share of the vectors it was fitted on. */
  readonly share?: number
}

const KIND = 'majority'
const VERSION = 1
const SHARE = 0.01
/** Excesses beyond it are alike: keeps what they add below one vote, in floating point too. */
const LARGEST = 1e6

/**
 * Several detectors that vote: the more of them find a vector unusual, the higher it ranks, whatever they say of how unusual it
 * is.
 *
 * Raw score: number of votes + m/(1 + m), m = mean over those who vote of what their score exceeds their limit by, in limits; 0
 * when none votes. So a larger majority always ranks above a smaller one. Not monotone unless its members are. Fails when most
 * vectors get no vote at all: among them nothing is ranked. Cost: the members'. The explanation is the mean of those of the
 * members who vote.
 *
 * Source: L. I. Kuncheva: Combining pattern classifiers (2004), ch. 4.
 */
export class MajorityDetector implements Detector {
  readonly name = KIND
  readonly features: readonly string[]
  readonly members: readonly Detector[]
  readonly #share: number
  readonly #raw: Float64Array
  #limits: Float64Array

  constructor({ members, share = SHARE }: MajorityOptions) {
    this.members = members
    this.features = members[0]!.features
    this.#share = share
    this.#raw = new Float64Array(members.length)
    this.#limits = new Float64Array(members.length)
  }

  get ready(): boolean {
    return this.members.every((member) => member.ready)
  }

  fit(history: History): void {
    for (const member of this.members) member.fit(history)
    // Their context is now the end of the history: the first few scores below are off, which a quantile does not mind.
    const scores = this.members.map(() => new Float64Array(history.count))
    for (let i = 0; i < history.count; i++) {
      const vector = history.row(i)
      const timeMs = history.timesMs[i]!
      for (const [m, member] of this.members.entries()) scores[m]![i] = member.score(vector, timeMs)
      this.observe(vector, timeMs)
    }
    this.#limits = Float64Array.from(
      scores,
      (each) => each.sort()[Math.floor((1 - this.#share) * (each.length - 1))] ?? 0,
    )
  }

  learn(vector: Float64Array, timeMs: number): void {
    for (const member of this.members) member.learn(vector, timeMs)
  }

  observe(vector: Float64Array, timeMs: number): void {
    for (const member of this.members) member.observe(vector, timeMs)
  }

  score(vector: Float64Array, timeMs: number): number {
    if (!this.ready) return 0
    let votes = 0
    let excess = 0
    for (let m = 0; m < this.members.length; m++) {
      const raw = this.members[m]!.score(vector, timeMs)
      this.#raw[m] = raw
      if (!this.#votes(m)) continue
      const limit = this.#limits[m]!
      votes++
      excess += Math.min(LARGEST, (raw - limit) / Math.max(SMALLEST, limit))
    }
    if (votes === 0) return 0
    const mean = excess / votes
    return votes + mean / (1 + mean)
  }

  explain(vector: Float64Array, timeMs: number): Explanation {
    const voted = this.score(vector, timeMs) > 0
    const voters = this.members.filter((_, m) => voted && this.#votes(m))
    const each = voters.map((member) => member.explain(vector, timeMs))
    const parts = new Float64Array(this.features.length)
    for (const { parts: own } of each)
      for (let i = 0; i < parts.length; i++) parts[i]! += own[i]! / each.length
    const { expected, low, high } = each[0] ?? this.members[0]!.explain(vector, timeMs)
    return { parts, expected, low, high }
  }

  save(): Uint8Array {
    const layers = new Map<string, Layer>([
      ['members', { data: this.#identity() }],
      ['limits', { data: this.#limits }],
    ])
    for (const [m, member] of this.members.entries()) layers.set(`member.${m}`, { data: member.save() })
    return encodeModel({ kind: KIND, version: VERSION, layers })
  }

  load(bytes: Uint8Array): void {
    const layers = new Layers(bytes, KIND, VERSION)
    layers.same('members', this.#identity())
    const limits = layers.float64('limits', this.members.length)
    const before = this.members.map((member) => member.save())
    try {
      for (const [m, member] of this.members.entries()) member.load(layers.bytes(`member.${m}`))
    } catch (error) {
      for (const [m, member] of this.members.entries()) member.load(before[m]!)
      throw error
    }
    this.#limits = limits
  }

  #identity(): string {
    return JSON.stringify([this.#share, ...this.members.map(({ name }) => name)])
  }

  /** Of the score just taken. */
  #votes(m: number): boolean {
    return this.#raw[m]! > this.#limits[m]!
  }
}

/** Limits below it are taken for it, as a unit. */
const SMALLEST = 1e-9
