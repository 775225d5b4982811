import { EntityPage, ThresholdPage } from '@adf/contract'
import { TunedEntityPage } from '@adf/contract/feedback'
import entityPage from '@adf/contract/golden/entity-page.json'
import tunedEntityPage from '@adf/contract/golden/feedback/tuned-entity-page.json'
import thresholdPage from '@adf/contract/golden/threshold-page.json'
import { expect, test } from 'vitest'
import { rowsOf } from './rows.ts'

const [status] = EntityPage.parse(entityPage).items
const [threshold] = ThresholdPage.parse(thresholdPage).items
const [tuned] = TunedEntityPage.parse(tunedEntityPage).items
const stream = status?.streams[0]
if (status === undefined || threshold === undefined || tuned === undefined || stream === undefined)
  throw new Error('the examples have one each')
const entity = (id: string) => ({ ...status, entity: { ...status.entity, id }, streams: [stream] })

test('what somebody holds comes first, then what most was said of, then the rest by name', () => {
  const of = (id: string) => ({ stream: stream.stream, entity_id: id })
  const rows = rowsOf(
    [entity('d'), entity('a'), entity('b'), entity('c')],
    [{ ...threshold, ...of('c'), value: 1.4, source: 'operator' }],
    [
      { ...tuned, ...of('b'), verdicts: 3 },
      { ...tuned, ...of('d'), verdicts: 0 },
    ],
  )
  expect(rows.map((row) => [row.entity, row.heldBy, row.tuned?.verdicts])).toEqual([
    ['c', 'operator', undefined],
    ['b', null, 3],
    ['a', null, undefined],
    ['d', null, 0],
  ])
  expect(rows[0]).toMatchObject({ threshold: 1.4, initial: stream.initial_threshold })
})
