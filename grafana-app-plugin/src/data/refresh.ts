/** How often an open page asks again, in milliseconds. It stops while the tab is hidden. */
export const REFRESH = {
  /** What someone is waiting for. */
  live: 5000,
  /** What moves slowly. */
  slow: 15_000,
  /** What is as it was unless something is wrong. */
  rarely: 600_000,
} as const
