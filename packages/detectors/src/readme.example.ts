import { EdgeDetector } from '@adf/detectors/training'

const detector = new EdgeDetector({
  inputSize: 2,
  hiddenSize: 16, // 64 when left out
  numLayers: 1, // 2 when left out
  names: ['latency_p95', 'cpu_usage_percent'],
})

// A thousand vectors, one a minute: latency and load rise and fall together. Unlabelled anomalies among them do no harm.
const usual = (i: number) => [100 + 20 * Math.sin(i / 30) + 3 * Math.sin(i * 1.7), 40 + 8 * Math.sin(i / 30)]
const data = Array.from({ length: 1000 }, (_, i) => usual(i))
await detector.train(data, { epochs: 5, batchSize: 8, learningRate: 0.01 })

// Each vector is judged by what came before it, and learned unless it is anomalous.
export const calm = detector.detect(usual(1000)) // { score, threshold, isAnomaly: false, … }
const bytes = detector.save()
export const odd = detector.detect([420, 41]) // { score: 0.6, isAnomaly: true, … }: four in ten thousand
export const shares = odd.explanation?.parts // of detector.features: most of it is latency_p95's
export const expected = odd.explanation?.expected[0] // about 100

detector.updateThreshold(0.9) // undefined: back to what `alertsPerDay` asks for
export const statistics = detector.statistics() // { vectors: 2, anomalies: 1, threshold: 0.9 }

const copy = new EdgeDetector({
  inputSize: 2,
  hiddenSize: 16,
  numLayers: 1,
  names: ['latency_p95', 'cpu_usage_percent'],
})
copy.load(bytes) // throws ModelError when the bytes are damaged or of another detector
export const same = copy.detect([420, 41])
