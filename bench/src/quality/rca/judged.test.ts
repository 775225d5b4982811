import { expect, test } from 'vitest'
import { type Judged, probabilityRows } from './judged.ts'

const judged = (cause: string, named: readonly string[], probabilities: readonly number[]): Judged => ({
  name: cause,
  type: 'cpu',
  cause,
  named: new Map([['adf', named]]),
  probabilities,
})
const measured = (...all: Judged[]) =>
  Object.fromEntries(probabilityRows('x:mean', all).map(({ measure, value }) => [measure, value]))

test('probabilities that come true are calibrated, whoever is named', () => {
  const certain = measured(judged('cart', ['cart', 'web'], [1, 0]))
  expect(certain).toEqual({ brier: 0, calibration_error: 0 })
  const half = measured(judged('cart', ['cart'], [0.5]), judged('web', ['cart'], [0.5]))
  expect(half).toEqual({ brier: 0.25, calibration_error: 0 })
})

test('certainty that is wrong costs all', () => {
  expect(measured(judged('cart', ['web'], [1]))).toEqual({ brier: 1, calibration_error: 1 })
})
