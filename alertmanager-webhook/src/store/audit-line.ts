/** A line to come; `at` and its number are added when it is written. */
export interface AuditLine {
  readonly atMs: number
  /** `operator:NAME` (of the token), `author:NAME`, `tuner`, or the channel of a word. */
  readonly actor: string
  /** Noun and past participle, as in `verdict.given`. */
  readonly action: string
  readonly subject: string
  readonly detail: Readonly<Record<string, unknown>>
}
