import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { affiliation } from './affiliation.ts'
import { eventF1 } from './events.ts'
import { nabAt, nabBest } from './nab.ts'
import { periodOf } from './period.ts'
import { pointF1, precisionRecall } from './points.ts'
import { vusPr } from './vus.ts'

const limits = z.array(z.tuple([z.number(), z.number()]))
const numbers = z.array(z.number())
const outcome = z.object({ threshold: z.number(), score: z.number() })
const golden = z
  .object({
    vectors: z.array(
      z.object({
        segments: limits,
        rows: z.number(),
        scores: numbers,
        flags: numbers,
        window: z.number(),
        vus_pr: z.number(),
        auc_pr: z.number(),
        f1: z.number(),
        f1_best: z.number(),
        f1_event: z.number(),
        affiliation_precision: z.number().nullable(),
        affiliation_recall: z.number(),
      }),
    ),
    series: z.array(z.object({ name: z.string(), values: numbers, window: z.number() })),
    nab: z.array(
      z.object({
        files: z.array(z.object({ windows: limits, offset: z.number(), scores: numbers })),
        best: outcome,
        at: outcome,
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL('./golden/golden.json', import.meta.url), 'utf8')))

describe.each(golden.vectors.map((vector, i) => ({ i, ...vector })))('measures of vector $i', (vector) => {
  const labels = new Uint8Array(vector.rows)
  for (const [from, to] of vector.segments) labels.fill(1, from, to + 1)
  const flags = new Uint8Array(vector.rows)
  for (const row of vector.flags) flags[row] = 1
  const scores = Float64Array.from(vector.scores)

  it('are those of the authors for scores', () => {
    expect(vusPr(labels, scores, vector.window)).toBeCloseTo(vector.vus_pr, 12)
    const { aucPr, bestF1 } = precisionRecall(labels, scores)
    expect(aucPr).toBeCloseTo(vector.auc_pr, 12)
    expect(bestF1).toBeCloseTo(vector.f1_best, 12)
  })

  it('are those of the authors for flags', () => {
    expect(pointF1(labels, flags)).toBeCloseTo(vector.f1, 12)
    expect(eventF1(labels, flags)).toBeCloseTo(vector.f1_event, 12)
    const { precision, recall } = affiliation(labels, flags)
    if (vector.affiliation_precision === null) expect(precision).toBeNaN()
    else expect(precision).toBeCloseTo(vector.affiliation_precision, 12)
    expect(recall).toBeCloseTo(vector.affiliation_recall, 12)
  })
})

it.each(golden.series)('the window of VUS is that of the authors: $name', ({ values, window }) => {
  expect(periodOf(Float64Array.from(values))).toBe(window)
})

describe.each(golden.nab.map((corpus, i) => ({ i, ...corpus })))('the score of NAB, corpus $i', (corpus) => {
  const files = corpus.files.map(({ windows, offset, scores }) => ({
    windows: windows.map(([from, to]) => ({ from, to })),
    offset,
    scores: Float64Array.from(scores),
  }))

  it('is that of the authors at the best threshold', () => {
    const { score, threshold } = nabBest(files)
    expect(score).toBeCloseTo(corpus.best.score, 10)
    expect(threshold).toBe(corpus.best.threshold)
  })

  it('is that of the authors at another one', () => {
    expect(nabAt(files, corpus.at.threshold).score).toBeCloseTo(corpus.at.score, 10)
  })
})

describe('without a flag', () => {
  const labels = Uint8Array.of(0, 1, 1, 0)
  const flags = new Uint8Array(4)

  it('every F1 is 0', () => {
    expect([pointF1(labels, flags), eventF1(labels, flags), affiliation(labels, flags).f1]).toEqual([0, 0, 0])
  })

  it('NAB gives 0, and nothing can be said without a window', () => {
    const quiet = { scores: new Float64Array(4), offset: 0, windows: [{ from: 1, to: 2 }] }
    expect(nabAt([quiet], 1).score).toBe(0)
    expect(nabBest([{ ...quiet, windows: [] }]).score).toBeNaN()
  })
})
