/** Bounds and times of the graph; the section `graph` of the processor's configuration has these keys. Times in ms. */
export interface GraphOptions {
  readonly pairing_window: number
  readonly max_pending_spans: number
  readonly max_nodes: number
  readonly max_edges: number
  readonly max_operations: number
  readonly half_life: number
  readonly history: number
  readonly slot: number
  readonly forget_after: number
  /** Resource attributes, beside the known ones, whose change is a change of configuration. */
  readonly config_keys: readonly string[]
}
