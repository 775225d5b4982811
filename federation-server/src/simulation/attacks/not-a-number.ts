import type { Attack } from '../attack.ts'

/** One value in a hundred is no number: what a client sends whose training ran away, or who wants to end the round for everybody. */
export const notANumber: Attack = {
  name: 'nan',
  craft: ({ own, rng }) =>
    own.map((values) => {
      const spoilt = values.map((value) => (rng() < 0.01 ? Number.NaN : value))
      spoilt[Math.floor(rng() * spoilt.length)] = Number.NaN
      return spoilt
    }),
}
