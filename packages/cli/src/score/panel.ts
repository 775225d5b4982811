import {
  anomalyType,
  budgetThreshold,
  type Course,
  type Family,
  familyOf,
  follow,
  type History,
  Learner,
  type PanelMember,
  panelSeverity,
  type Rule,
  RulesDetector,
  ruleScore,
  train,
  vectorsPerDay,
} from '@adf/detectors'
import type { RowJudge, Verdict } from './row-judge.ts'

export interface PanelOptions {
  readonly members: readonly PanelMember[]
  /** Fixed limits; a violated one scores 1. */
  readonly limits: readonly Rule[]
  /** Alerts that chance alone may make in a day. */
  readonly alertsPerDay: number
}

/** Vectors that one alert lasts about. */
const SPAN = 15
/** The member that ranks; of a panel without it the first does. */
const RANKING = 'ensemble'
const REFIT_EVERY = 500
const DAY_MS = 86_400_000
/** Steps of time without a row after which nobody knows what came just before. */
const GAP = 30

/** How far over the threshold those that do not rank lift a row at most. */
const LIFT = 0.05

/**
 * A panel of detectors, and fixed limits beside it, that judge one table row by row. The ensemble ranks the rows, since it tells best which of two
 * is the worse; what the others find is lifted over the threshold, in an order of their own.
 */
export class Panel implements RowJudge {
  readonly #options: PanelOptions
  readonly #learner: Learner
  readonly #limits: RulesDetector
  /** Place of the member that ranks; the panel with its weight alone, and with all the other weights. */
  readonly #ranking: number
  readonly #alone: Parameters<typeof panelSeverity>[1]
  readonly #others: Parameters<typeof panelSeverity>[1]
  #course: Course | undefined
  /** What the budget of alerts asks for, and what it comes to. */
  #budget = 1
  #threshold = 1
  #fromMs = 0
  #lastMs = 0
  #stepMs = 0
  /** Only those that look back over many rows have seen the anomaly so far. */
  #slow = false

  constructor(options: PanelOptions) {
    this.#options = options
    this.#learner = new Learner({ members: options.members, warmUp: REFIT_EVERY, refitEvery: REFIT_EVERY })
    this.#limits = new RulesDetector(options.limits)
    this.#ranking = Math.max(
      0,
      options.members.findIndex(({ name }) => name === RANKING),
    )
    const weighing = (has: (m: number) => boolean) =>
      options.members.map(({ weight }, m) => ({ member: { weight: has(m) ? weight : 0 } }))
    this.#alone = weighing((m) => m === this.#ranking)
    this.#others = weighing((m) => m !== this.#ranking)
  }

  get threshold(): number {
    return this.#threshold
  }

  train({ values: vectors, timesMs }: History): void {
    const { members, alertsPerDay } = this.#options
    this.#learner.finish(train({ kind: 'warm_up', members, vectors, timesMs }))
    const perDay = vectorsPerDay(timesMs)
    this.#budget = budgetThreshold(alertsPerDay, perDay, SPAN)
    this.#renewThreshold()
    this.#stepMs = DAY_MS / perDay
    this.#fromMs = timesMs[0] ?? 0
    this.#lastMs = timesMs.at(-1) ?? 0
  }

  /** Judges the next vector, then learns it unless it is anomalous. */
  judge(vector: Float64Array, timeMs: number): Verdict {
    const learner = this.#learner
    if (timeMs - this.#lastMs > GAP * this.#stepMs) this.#standInFor(vector, timeMs)
    this.#lastMs = timeMs
    const judgement = learner.judge(vector, timeMs)
    const limits = ruleScore(this.#limits.score(vector))
    const severity = Math.max(limits, this.#severity(judgement.severities))
    const isAnomaly = Math.min(1, severity) >= this.#threshold
    let feature: number | undefined
    let type: Verdict['type']
    if (isAnomaly) {
      const leading = learner.panel[judgement.leading]?.detector
      const limited = limits >= judgement.severity || leading === undefined
      const { parts } = limited ? this.#limits.explain(vector) : leading.explain(vector, timeMs)
      feature = parts.indexOf(Math.max(...parts))
      this.#course = follow(this.#course, this.#sight(judgement.severities, limits, timeMs), this.#threshold)
      type = this.#course === undefined ? 'point' : anomalyType(this.#course)
    } else this.#course = undefined
    learner.observe(vector, judgement, timeMs)
    // Nothing is known of what else is wrong: a level counts as new when it has lasted as long as with an incident.
    const surroundings = {
      odd: isAnomaly,
      threshold: this.#threshold,
      withheld: false,
      incidentOpen: isAnomaly,
      deployed: false,
    }
    learner.take(vector, judgement, timeMs, surroundings)
    const job = learner.due()
    if (job !== undefined) {
      learner.finish(train(job))
      this.#renewThreshold()
    }
    return { severity, isAnomaly, type, feature }
  }

  /** Severity as the row is ranked by: over the threshold when one of the members that have a say is. */
  #severity(severities: Float64Array): number {
    const own = panelSeverity(severities, this.#alone).severity
    const over = panelSeverity(severities, this.#others).severity - this.#budget
    return over >= 0 ? Math.max(own, this.#threshold + (LIFT * over) / (1 + over)) : own
  }

  /** Once the ensemble has most of the say the threshold is its own limit, which a history that held anomalies does not move far. */
  #renewThreshold(): void {
    const { weight } = this.#options.members[this.#ranking]!
    const own = this.#learner.panel[this.#ranking]!
    this.#threshold = weight > 0.5 ? Math.min(1, own.limit(this.#budget)) : this.#budget
  }

  /** After a gap the vector that comes first stands for those before it; where it seems to stand still that would be seen. */
  #standInFor(vector: Float64Array, timeMs: number): void {
    for (const { detector, member } of this.#learner.panel) {
      if (familyOf(member.detector.kind) === 'collective') continue
      for (let i = 0; i < 3 * SPAN; i++) detector?.observe(vector, timeMs)
    }
  }

  /**
   * What each kind of detector makes of the vector. Those that have no say are asked too, after a day: before, nobody knows what is normal at
   * other hours. The ensemble, which goes on seeing for rows what was odd in one, is asked only while nobody else has seen anything.
   */
  #sight(severities: Float64Array, limits: number, timeMs: number): Record<Family, number> {
    const sight = { marginal: limits, contextual: 0, collective: 0 }
    let slow = 0
    for (const [m, { detector, weight }] of this.#options.members.entries()) {
      if (weight === 0 && timeMs - this.#fromMs < DAY_MS) continue
      const family = familyOf(detector.kind)
      if (detector.kind === 'ensemble') slow = Math.max(slow, severities[m]!)
      else sight[family] = Math.max(sight[family], severities[m]!)
    }
    const quiet = Math.max(...Object.values(sight)) < this.#threshold
    this.#slow = quiet && (this.#course === undefined || this.#slow)
    return this.#slow ? { ...sight, contextual: slow } : sight
  }
}
