export { Layers } from './layers.ts'
export { encodeModel, type Layer } from './model.ts'
export { ModelError } from './model-error.ts'
