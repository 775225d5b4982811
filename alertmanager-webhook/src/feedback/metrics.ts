import { Counter, type Registry } from 'prom-client'

/** Metrics of verdicts. Labels are fixed words; never an author or an id. */
export class FeedbackMetrics {
  readonly verdicts: Counter<'channel' | 'verdict'>
  readonly repeated: Counter<'channel'>
  readonly refused: Counter<'channel' | 'reason'>
  readonly withdrawn: Counter
  readonly deliveries: Counter<'outcome'>
  readonly followed: Counter
  readonly silences: Counter<'outcome'>
  readonly questions: Counter<'outcome'>
  readonly failures: Counter<'work'>

  constructor(registry: Registry) {
    const registers = [registry]
    const counter = <L extends string>(name: string, help: string, labelNames: L[]) =>
      new Counter({ name, help, labelNames, registers })
    this.verdicts = counter(
      'adf_feedback_verdicts_total',
      'Verdicts that were stored, by channel and verdict.',
      ['channel', 'verdict'],
    )
    this.repeated = counter(
      'adf_feedback_repeated_total',
      'Verdicts that said what their author had said already.',
      ['channel'],
    )
    this.refused = counter('adf_feedback_refused_total', 'Verdicts that were refused, by error code.', [
      'channel',
      'reason',
    ])
    this.withdrawn = counter('adf_feedback_withdrawn_total', 'Verdicts that were taken back.', [])
    this.deliveries = counter(
      'adf_feedback_deliveries_total',
      'Verdicts brought to a processor: delivered, postponed (it is tried again), given_up (no processor knows the thing).',
      ['outcome'],
    )
    this.followed = counter(
      'adf_feedback_followed_total',
      "Entries read from processors' logs of verdicts.",
      [],
    )
    this.silences = counter(
      'adf_feedback_silences_total',
      'Silences on alerts: counted as an implicit verdict, or why not.',
      ['outcome'],
    )
    this.questions = counter('adf_feedback_questions_total', 'Questions: asked, or why not.', ['outcome'])
    this.failures = counter(
      'adf_feedback_failures_total',
      'Rounds of background work that failed and are tried again, by work.',
      ['work'],
    )
  }
}
