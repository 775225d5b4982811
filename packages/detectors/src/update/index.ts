export { applyDelta, type Delta, encodeDelta } from './delta.ts'
export { compressOwing, type Owing } from './error-feedback.ts'
export {
  type CompressedUpdate,
  compressUpdate,
  decodeUpdate,
  encodeDense,
  readUpdate,
  SCALE_BLOCK,
  type UpdateContent,
} from './frame.ts'
export { LARGEST_VALUE } from './quantiser.ts'
export { UpdateError, type UpdateErrorCode } from './update-error.ts'
