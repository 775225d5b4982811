/** What a request of the protocol is for. */
export type Purpose = 'enrolment' | 'poll' | 'model' | 'weights' | 'update' | 'other'

const purposes: readonly (readonly [Purpose, RegExp])[] = [
  ['enrolment', /^POST \/federation\/v1\/clients /],
  ['poll', /^POST \/federation\/v1\/work /],
  ['weights', /^GET \/federation\/v1\/runs\/[^/ ]+\/versions\//],
  ['update', /^POST \/federation\/v1\/runs\/[^/ ]+\/rounds\/\d+\/update\b/],
  ['model', /^GET \/federation\/v1\/runs\/[^/ ]+ /],
  ['other', /^[A-Z]+ \/\S* HTTP\//],
]

/** @param line the first of a request; undefined when it is none */
export const purposeOf = (line: string): Purpose | undefined =>
  purposes.find(([, pattern]) => pattern.test(line))?.[0]
