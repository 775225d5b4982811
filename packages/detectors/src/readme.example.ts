import { fitCalibration, RobustDetector } from '@adf/detectors'

const detector = new RobustDetector({
  features: [
    { name: 'latency_p95', direction: 'high', transform: 'log', floor: 0.1 },
    { name: 'cpu_usage_percent', direction: 'high', transform: 'linear', floor: 1 },
  ],
  halfLife: 5000,
  minimum: 100,
})

// A thousand normal vectors: what a detector has not learned yet tells how normal raw scores are distributed.
const raw: number[] = []
for (let i = 0; i < 1000; i++) {
  const vector = Float64Array.of(100 + 10 * Math.sin(i), 40 + 5 * Math.cos(i * 1.7))
  if (i >= 200) raw.push(detector.score(vector))
  detector.learn(vector)
}
const calibration = fitCalibration(Float64Array.from(raw), { expectedScale: 0.5 })

const odd = Float64Array.of(840, 41)
export const normalScore = calibration.score(detector.score(Float64Array.of(105, 42)))
export const oddScore = calibration.score(detector.score(odd)) // 1: less than one in a million
export const { parts, expected } = detector.explain(odd) // parts[0] is about 1, expected[0] about 100

const bytes = detector.save()
const copy = new RobustDetector({
  features: [
    { name: 'latency_p95', direction: 'high', transform: 'log', floor: 0.1 },
    { name: 'cpu_usage_percent', direction: 'high', transform: 'linear', floor: 1 },
  ],
  halfLife: 5000,
  minimum: 100,
})
copy.load(bytes) // throws ModelError when the bytes are damaged or of another detector
export const sameScore = calibration.score(copy.score(odd))
