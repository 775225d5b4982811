export { runSettings as settingsOf } from '../round/settings.ts'
export type { Attack, AttackView } from './attack.ts'
export { attacks } from './attacks/attacks.ts'
export {
  type ServerSettings,
  type SimulationOptions,
  type SimulationReport,
  simulate,
} from './simulation.ts'
