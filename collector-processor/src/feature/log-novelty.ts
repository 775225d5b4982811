import { z } from 'zod'
import type { TemplateMix } from './template-mix.ts'

/** Windows without overlap that are learned before the first value: of fewer nobody can say what is usual. */
const MIN_WINDOWS = 30
/** Windows after which what was learned weighs half: six hours at the default width. */
const HALF_LIFE = 2160
const FORGET = 2 ** (-1 / HALF_LIFE)
/** Weight of the newest window in the spread of a template. */
const NEWEST = 1 / 60
/** One window changes the spread as if it were this many spreads off at most: what is novel must not become usual at once. */
const MAX_SQUARE = 9
/** Templates remembered for one entity; the rarest are forgotten first. */
const MAX_TEMPLATES = 256

const Amount = z.number().min(0)
const Saved = z.object({
  version: z.literal(1),
  learned_ms: z.number(),
  records: Amount,
  windows: Amount,
  unseen: z.tuple([Amount, Amount]),
  habits: z.array(z.tuple([z.int().min(0), Amount, Amount])),
})

/** What a template has been so far. */
interface Habit {
  /** Records, decayed. */
  records: number
  /** Mean square of the residuals, decayed: 1 where records come as by chance, more where they come in bursts. */
  spread: number
}

/** Numbers of templates change when two turn out to be one. */
export interface TemplateNames {
  readonly merges: number
  current(template: number): number
}

/**
 * The surprise of a window's mix of log templates against the entity's own history: the largest deviance residual of a
 * template's count, given how many records there are (quasi-Poisson: Wedderburn, Biometrika 1974), in standard deviations. A
 * template may be far more frequent or gone; those never seen before are taken together, since how often new ones come is a
 * habit too. About 2 or 3 in normal operation, whatever the number of records.
 */
export class LogNovelty {
  /** End of the last window that was learned. */
  learnedMs = Number.NEGATIVE_INFINITY
  /** It has learned since it was saved. */
  changed = false
  readonly #habits = new Map<number, Habit>()
  readonly #unseen: Habit = { records: 0.5, spread: 1 }
  readonly #names: TemplateNames
  #records = 0
  #windows = 0
  #merges = 0

  constructor(names: TemplateNames) {
    this.#names = names
    this.#merges = names.merges
  }

  /** Surprise of a window of so many records; NaN while too little was learned, and for a window without records. */
  of(mix: TemplateMix, records: number): number {
    if (this.#windows < MIN_WINDOWS || !(records > 0)) return Number.NaN
    this.#rename()
    let largest = 0
    for (const { residual, habit } of this.#residuals(mix, records))
      largest = Math.max(largest, Math.abs(residual) / Math.sqrt(habit.spread))
    return largest
  }

  /** Learns a window that overlaps none before. */
  learn(mix: TemplateMix, records: number): void {
    if (!(records > 0)) return
    this.changed = true
    this.#rename()
    const counts = this.#counts(mix)
    if (this.#windows > 0)
      for (const { residual, habit } of this.#residuals(mix, records)) {
        const square = Math.min(residual * residual, MAX_SQUARE * habit.spread)
        habit.spread = Math.max(1, habit.spread + (square - habit.spread) * NEWEST)
      }
    this.#records = this.#records * FORGET + records
    this.#unseen.records *= FORGET
    for (const habit of this.#habits.values()) habit.records *= FORGET
    for (const [template, count] of counts) {
      const habit = this.#habits.get(template)
      if (habit !== undefined) habit.records += count
      else {
        // of the first window nothing could be known
        if (this.#windows > 0) this.#unseen.records += count
        this.#habits.set(template, { records: count, spread: 1 })
      }
    }
    this.#windows++
    if (this.#habits.size > MAX_TEMPLATES) this.#forgetRarest()
  }

  /** What it learned, as bytes, for one that knows templates by the same numbers. */
  save(): Uint8Array {
    this.changed = false
    const saved: z.infer<typeof Saved> = {
      version: 1,
      learned_ms: this.learnedMs,
      records: this.#records,
      windows: this.#windows,
      unseen: [this.#unseen.records, this.#unseen.spread],
      habits: Array.from(this.#habits, ([template, { records, spread }]) => [template, records, spread]),
    }
    return new TextEncoder().encode(JSON.stringify(saved))
  }

  /** Goes on with what was saved. Throws, and changes nothing, when that cannot be read. */
  restore(bytes: Uint8Array): void {
    const saved = Saved.parse(JSON.parse(new TextDecoder().decode(bytes)))
    this.learnedMs = saved.learned_ms
    this.#records = saved.records
    this.#windows = saved.windows
    const [records, spread] = saved.unseen
    Object.assign(this.#unseen, { records, spread })
    for (const [template, records, spread] of saved.habits) this.#habits.set(template, { records, spread })
    // Templates may have become others meanwhile.
    this.#merges = Number.NaN
  }

  *#residuals(mix: TemplateMix, records: number): IterableIterator<{ residual: number; habit: Habit }> {
    const counts = this.#counts(mix)
    let known = 0
    for (const [template, habit] of this.#habits) {
      const count = counts.get(template) ?? 0
      known += count
      yield { residual: devianceResidual(count, (records * habit.records) / this.#records), habit }
    }
    const expected = (records * Math.max(0.5, this.#unseen.records)) / (this.#records + 1)
    yield { residual: Math.max(0, devianceResidual(records - known, expected)), habit: this.#unseen }
  }

  /** Counts by what the templates are called now. */
  #counts(mix: TemplateMix): ReadonlyMap<number, number> {
    if (this.#merges === 0) return mix.counts
    const counts = new Map<number, number>()
    for (const [template, records] of mix.counts) {
      const current = this.#names.current(template)
      counts.set(current, (counts.get(current) ?? 0) + records)
    }
    return counts
  }

  #rename(): void {
    if (this.#merges === this.#names.merges) return
    this.#merges = this.#names.merges
    for (const [template, habit] of this.#habits) {
      const current = this.#names.current(template)
      if (current === template) continue
      this.#habits.delete(template)
      const into = this.#habits.get(current)
      if (into === undefined) this.#habits.set(current, habit)
      else {
        into.records += habit.records
        into.spread = Math.max(into.spread, habit.spread)
      }
    }
  }

  #forgetRarest(): void {
    const rarest = [...this.#habits].sort(([, one], [, other]) => one.records - other.records)
    for (const [template] of rarest.slice(0, MAX_TEMPLATES >> 3)) this.#habits.delete(template)
  }
}

/** Signed root of the deviance of a Poisson count: about standard normal when the count is as expected. */
function devianceResidual(count: number, expected: number): number {
  if (count <= 0) return -Math.sqrt(2 * expected)
  const deviance = 2 * (count * Math.log(count / expected) - (count - expected))
  return Math.sign(count - expected) * Math.sqrt(Math.max(0, deviance))
}
