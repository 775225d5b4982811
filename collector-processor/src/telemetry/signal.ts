/** The three kinds of OTLP requests. */
export type Signal = 'traces' | 'metrics' | 'logs'
