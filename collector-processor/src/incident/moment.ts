/**
 * Something in the history of an incident that its latest state does not tell. Only what happens seldom is one, so that
 * the history of an incident stays short.
 */
export interface Moment {
  readonly atMs: number
  readonly kind: MomentKind
  /** The cause, the service, the other incident or the receiver that it is about. */
  readonly subject: string
  /** A sentence. */
  readonly text: string
}

type MomentKind = 'cause' | 'merged' | 'split' | 'alert'
