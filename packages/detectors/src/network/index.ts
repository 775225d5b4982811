// What a thread needs that works with weights and runs no detector: a fraction of the whole package's memory.
export { initialWeights } from './initial.ts'
export { type NetworkSpec, weightCount, weightLayers } from './spec.ts'
