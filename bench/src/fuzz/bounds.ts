/**
 * Bounds that a run fills in its first quarter, for every table that grows with what is sent: afterwards all is eviction, and memory that still grows is a leak. The default bounds
 * would take a day of odd names to fill.
 */
export const bounds = {
  receiver: { max_strings: 5000, max_resources: 1000, max_services: 200 },
  edge: { max_entities: 300, max_series: 3000 },
  graph: { max_pending_spans: 20_000, max_nodes: 300, max_edges: 2000, max_operations: 50 },
  logs: {
    max_templates: 2000,
    max_templates_per_service: 100,
    max_transitions: 2000,
    max_exceptions: 500,
    max_open_spans: 2048,
  },
} as const
