import type { Floors } from './deviation.ts'

/** Of times that spans tell, slot by slot. */
export const SPAN_TIME: Floors = { relative: 0.1, absolute: 0.5 }
/** Of shares of calls, slot by slot. */
export const SPAN_SHARE: Floors = { relative: 0.1, absolute: 0.02 }
/** Of counts per request. */
export const RATIO: Floors = { relative: 0.05, absolute: 0.01, counted: true }
/** Of latencies over all requests of a service: averages of far more calls, hence steadier. */
export const REQUEST_TIME: Floors = { relative: 0.05, absolute: 0.5 }
/** Of shares of failed requests of a service. */
export const REQUEST_SHARE: Floors = { relative: 0.05, absolute: 0.003 }
