export interface ThresholdPanelOptions {
  readonly stream: string
  /** Id of an entity. Both may have variables in them. */
  readonly entity: string
}
