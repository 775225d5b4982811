/** One alert, as far as its value goes. */
export interface Outcome {
  readonly alertname: string
  readonly service: string | undefined
  readonly entity: string | undefined
  readonly ours: boolean
  readonly startedMs: number
  readonly endedMs: number | undefined
  /** undefined: nobody was notified. */
  readonly notifiedMs: number | undefined
  readonly acknowledgedMs: number | undefined
  readonly silenced: boolean
  readonly verdict: 'true_positive' | 'false_positive' | undefined
}

/** A missed incident, or an answered question, with what it was about. */
export interface MissedEvidence {
  /** Of a question: how likely it was to be asked. */
  readonly probability: number | undefined
  readonly wrong: boolean
  readonly service: string | undefined
  readonly entities: readonly string[]
}
