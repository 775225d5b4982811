/** Milliseconds since the Unix epoch. The wall clock in service, event time in replay, a hand in tests. */
export type Clock = () => number
