export interface TimelinePanelOptions {
  /** Lanes shown at most. */
  readonly most: number
}
