export { privatise } from './gaussian-mechanism.ts'
export { ORDERS } from './orders.ts'
export {
  epsilonOf,
  type GaussianStep,
  guaranteeOf,
  type PrivacyGuarantee,
  renyiOf,
} from './renyi-accountant.ts'
export { secureRng } from './secure-rng.ts'
