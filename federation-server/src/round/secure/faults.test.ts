import { expect, it } from 'vitest'
import { Config } from '../../config.ts'

const faultsOf = (federated: object): string[] =>
  (Config.safeParse({ federated: { secure_aggregation: true, ...federated } }).error?.issues ?? []).map(
    ({ path, message }) => `${path.join('.')}: ${message}`,
  )
const aggregation = { rule: 'fed_avg', pre_steps: [] }
const sound = { aggregation, poisoning_detection: { enabled: false } }

it('takes FedAvg alone, without detection', () => {
  expect(faultsOf(sound)).toEqual([])
})

it('by itself names every key that has to change', () => {
  expect(faultsOf({})).toEqual([
    'federated.poisoning_detection.enabled: must be false with federated.secure_aggregation: nobody sees single updates',
    'federated.aggregation.rule: must be fed_avg with federated.secure_aggregation: trimmed_mean needs single updates, which nobody sees',
    'federated.aggregation.pre_steps: must be [] with federated.secure_aggregation: norm_clipping needs single updates, which nobody sees',
  ])
})

it('does not go with the asynchronous mode, faulty updates, or rounds of too few or too many', () => {
  expect(
    faultsOf({
      ...sound,
      coordinator: { mode: 'asynchronous', min_clients_per_round: 2 },
      aggregation: { ...aggregation, faulty: 1 },
    }),
  ).toEqual([
    expect.stringContaining('federated.coordinator.mode: must be synchronous'),
    expect.stringContaining('federated.aggregation.faulty: must be 0 or auto'),
    expect.stringContaining('federated.coordinator.min_clients_per_round: must be 3 to 255'),
  ])
})

it('looks at what runs have of their own', () => {
  const runs = {
    robust: { aggregation: { rule: 'krum', pre_steps: [] } },
    large: { aggregation, min_clients_per_round: 300 },
  }
  // No run takes the robust rule that is there for all.
  expect(faultsOf({ poisoning_detection: { enabled: false }, runs })).toEqual([
    expect.stringContaining('federated.runs.robust.aggregation.rule: must be fed_avg'),
    expect.stringContaining('federated.runs.large.min_clients_per_round: must be 3 to 255'),
  ])
})
