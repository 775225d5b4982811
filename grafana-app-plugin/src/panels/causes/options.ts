export interface CausesPanelOptions {
  /** Causes shown at most. */
  readonly most: number
  /** The conclusion in a sentence above them. */
  readonly statement: boolean
}
