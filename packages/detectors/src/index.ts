export type { Detector, Explanation } from './detector.ts'
