import { Layers } from '../codec/layers.ts'
import { encodeModel, type Layer } from '../codec/model.ts'
import type { Detector, Explanation } from '../detector.ts'
import type { History } from '../history.ts'
import { Room } from '../statistics/room.ts'
import { RunningMean } from '../statistics/running-mean.ts'
import { Scratch } from '../statistics/scratch.ts'

export interface EnsembleOptions {
  /** All of the same features. */
  readonly members: readonly Detector[]
  /** Vectors that each member's score is taken over: trouble lasts, chance does not. */
  readonly span: number
}

const KIND = 'ensemble'
const VERSION = 1
/** A member's score is measured in what it exceeds for this share of the vectors it was fitted on. */
const UNIT_SHARE = 0.01
/** Added to each member's score, so that one that sees nothing at all does not silence the others altogether. */
const SLACK = 0.05
/**
 * Exponent of the mean: between the harmonic (−1) and the geometric one (0). What only one member finds unusual is chance more often
 * than trouble; yet no single member that sees nothing should have the last word.
 */
const EXPONENT = -0.5
/** The latest few vectors weigh more, by this exponent, so that a score falls soon after trouble ends. */
const LATEST = { span: 3, weight: 0.35 }
/** A score counts in those of the vectors after it as so many units at the most: what is over is not flagged on, however far off it was. */
const LASTING = 3
/** What was judged last: usually it is observed next, and need not be judged twice. */
const vectors = new Scratch()
const judged: { by: EnsembleDetector | undefined; timeMs: number } = { by: undefined, timeMs: 0 }

/**
 * Several detectors as one: a power mean of their scores, each taken over the latest vectors and in its own unit, that is near the
 * smallest.
 *
 * Cost: the members', and O(members × span). The explanation is the members', each weighted by how far the score hangs on it.
 */
export class EnsembleDetector implements Detector {
  readonly name = KIND
  readonly features: readonly string[]
  readonly members: readonly Detector[]
  readonly #span: number
  readonly #squares: RunningMean
  /** What the members said last; then the unit of each. */
  readonly #numbers: Float64Array
  readonly #raw: number
  readonly #units: number

  constructor({ members, span }: EnsembleOptions, room = new Room()) {
    this.members = members
    this.features = members[0]!.features
    this.#span = span
    this.#squares = new RunningMean(members.length, span, room)
    const { numbers, from } = room.float64(2 * members.length)
    this.#numbers = numbers
    this.#raw = from
    this.#units = from + members.length
    numbers.fill(1, this.#units, this.#units + members.length)
  }

  get ready(): boolean {
    return this.members.every((member) => member.ready)
  }

  fit(history: History): void {
    this.#forgetJudged()
    for (const member of this.members) member.fit(history)
    // Their context is now the end of the history: the first few scores below are off, which a quantile does not mind.
    this.#squares.reset()
    this.#numbers.fill(Number.POSITIVE_INFINITY, this.#units, this.#units + this.members.length)
    const scores = this.members.map(() => new Float64Array(history.count))
    for (let i = 0; i < history.count; i++) {
      const vector = history.row(i)
      const timeMs = history.timesMs[i]!
      this.#judge(vector, timeMs)
      for (const [m, each] of scores.entries()) each[i] = this.#smoothed(m)
      this.observe(vector, timeMs)
    }
    for (const [m, each] of scores.entries()) {
      const sorted = each.sort()
      this.#numbers[this.#units + m] = Math.max(
        1e-9,
        sorted[Math.floor((1 - UNIT_SHARE) * (sorted.length - 1))] ?? 1,
      )
    }
  }

  learn(vector: Float64Array, timeMs: number): void {
    this.#forgetJudged()
    for (const member of this.members) member.learn(vector, timeMs)
  }

  observe(vector: Float64Array, timeMs: number): void {
    if (!this.#judgedLast(vector, timeMs)) this.#judge(vector, timeMs)
    for (let m = 0; m < this.members.length; m++)
      this.#numbers[this.#raw + m] = Math.min(this.#numbers[this.#raw + m]!, LASTING * this.#unit(m)) ** 2
    this.#squares.add(this.#numbers, this.#raw)
    this.#forgetJudged()
    for (const member of this.members) member.observe(vector, timeMs)
  }

  score(vector: Float64Array, timeMs: number): number {
    if (!this.ready) return 0
    this.#judge(vector, timeMs)
    let sum = 0
    for (let m = 0; m < this.members.length; m++)
      sum += (this.#smoothed(m) / this.#unit(m) + SLACK) ** EXPONENT
    return Math.max(0, (sum / this.members.length) ** (1 / EXPONENT) - SLACK)
  }

  explain(vector: Float64Array, timeMs: number): Explanation {
    const raw = this.score(vector, timeMs)
    const weights = this.members.map((_, m) => {
      const score = this.#smoothed(m) / this.#unit(m)
      // The elasticity of the mean: how many per cent it moves with one per cent of this member, up to a common factor.
      return score * (score + SLACK) ** (EXPONENT - 1)
    })
    const each = this.members.map((member) => member.explain(vector, timeMs))
    const parts = new Float64Array(this.features.length)
    for (const [m, { parts: own }] of each.entries())
      for (let i = 0; i < parts.length; i++) parts[i]! += weights[m]! * own[i]!
    const total = parts.reduce((a, b) => a + b, 0)
    const leading = each[weights.indexOf(Math.max(...weights))]!
    return {
      parts: raw > 0 && total > 0 ? parts.map((part) => part / total) : parts.fill(0),
      expected: leading.expected,
      low: leading.low,
      high: leading.high,
    }
  }

  save(): Uint8Array {
    const layers = new Map<string, Layer>([
      ['members', { data: this.#identity() }],
      ['units', { data: this.#numbers.subarray(this.#units, this.#units + this.members.length) }],
      ['squares', { data: this.#squares.save() }],
    ])
    for (const [m, member] of this.members.entries()) layers.set(`member.${m}`, { data: member.save() })
    return encodeModel({ kind: KIND, version: VERSION, layers })
  }

  load(bytes: Uint8Array): void {
    const layers = new Layers(bytes, KIND, VERSION)
    layers.same('members', this.#identity())
    const units = layers.float64('units', this.members.length)
    const squares = layers.float64('squares', this.#squares.saved)
    this.#forgetJudged()
    const before = this.members.map((member) => member.save())
    try {
      for (const [m, member] of this.members.entries()) member.load(layers.bytes(`member.${m}`))
    } catch (error) {
      for (const [m, member] of this.members.entries()) member.load(before[m]!)
      throw error
    }
    this.#numbers.set(units, this.#units)
    this.#squares.load(squares)
  }

  #unit(m: number): number {
    return this.#numbers[this.#units + m]!
  }

  #identity(): string {
    return JSON.stringify([this.#span, ...this.members.map(({ name }) => name)])
  }

  #judge(vector: Float64Array, timeMs: number): void {
    for (let m = 0; m < this.members.length; m++)
      this.#numbers[this.#raw + m] = this.members[m]!.score(vector, timeMs)
    vectors.of(vector.length).set(vector)
    judged.by = this
    judged.timeMs = timeMs
  }

  /** To be called before anything changes that a judgement hangs on. */
  #forgetJudged(): void {
    if (judged.by === this) judged.by = undefined
  }

  #judgedLast(vector: Float64Array, timeMs: number): boolean {
    if (judged.by !== this || judged.timeMs !== timeMs) return false
    return vectors.of(vector.length).every((value, i) => Object.is(value, vector[i]))
  }

  /** Weighted geometric mean of a member's root mean squares over `span` and over the latest few, the score just judged included. */
  #smoothed(m: number): number {
    const square = this.#numbers[this.#raw + m]! ** 2
    const long = this.#squares.with(m, square, this.#span)
    const short = this.#squares.with(m, square, Math.min(this.#span, LATEST.span))
    return Math.sqrt(long ** (1 - LATEST.weight) * short ** LATEST.weight)
  }
}
