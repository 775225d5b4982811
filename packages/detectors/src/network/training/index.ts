export { EdgeDetector, type EdgeOptions, type EdgeTraining } from '../../edge/edge-detector.ts'
export { TrainingDiverged } from './diverged.ts'
export { startTensorFlow, type TrainingBackend } from './tensorflow.ts'
export { type TrainingOptions, type TrainingProgress, trainNetwork } from './train.ts'
