/** Bounds of log mining; the section `logs` of the processor's configuration has these keys. */
export interface LogOptions {
  readonly max_templates: number
  readonly max_templates_per_service: number
  readonly max_transitions: number
  readonly max_exceptions: number
  readonly max_open_spans: number
  /** Bytes of a line that are read. */
  readonly max_line: number
}

/** Slots of evidence, as those of the graph: ms. */
export interface LogSlots {
  readonly slot: number
  readonly history: number
}
