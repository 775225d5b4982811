export { type Written, writeCsv } from './data/csv.ts'
export { FEATURES } from './data/features.ts'
export { type GenerateOptions, generateRows, MAX_ROWS, type Row } from './data/generate.ts'
export { FAULTS, type FaultName, faultsOf, servicesOf } from './faults/catalogue.ts'
export { type DemoOptions, runDemo } from './run/demo.ts'
export { runShopAlone } from './run/shop-alone.ts'
export {
  completeTrial,
  isKindRight,
  isRight,
  parseTrials,
  type Trial,
  type TrialResult,
} from './run/trial.ts'
export { View } from './run/view.ts'
export { type Random, seededRandom, seedOf } from './runtime/random.ts'
export { RunningShop } from './shop/shop.ts'
export { SERVICES } from './shop/topology.ts'
export { type SimulatedEvent, STREAMS, type StreamName, simulateEvents } from './simulate/events.ts'
export { Refused, type Sent, sendEvents } from './simulate/send.ts'
