import { SloReport } from '@adf/contract'
import report from '@adf/contract/golden/slo-report.json'
import { expect, test } from 'vitest'
import { objectiveTarget, objectiveTitle } from './title.ts'
import { urgencyOf } from './urgency.ts'

const { objectives } = SloReport.parse(report)
const [paging, quiet] = objectives
if (paging === undefined || quiet === undefined) throw new Error('the example has two objectives')

test('what pages is more urgent than a ticket, and that than any burn rate', () => {
  const [page] = paging.alerts
  if (page === undefined) throw new Error('the example has an alert')
  const ticket = { ...paging, alerts: [{ ...page, severity: 'ticket' as const }] }
  const burning = { ...paging, alerts: [] }
  const furious = { ...burning, windows: burning.windows.map((one) => ({ ...one, burn_rate: 1e9 })) }
  const order = [quiet, burning, furious, ticket, paging].map(urgencyOf)
  expect(order).toEqual(order.toSorted((a, b) => a - b))
  expect(new Set(order).size).toBe(order.length)
})

test('an objective is called by its own name, else by what it asks for', () => {
  expect(objectives.map(objectiveTitle)).toEqual(['Checkout works', 'search: requests take 300 ms at most'])
  expect(objectiveTitle({ ...paging, display_name: null })).toBe('checkout: requests succeed')
  expect(objectives.map(objectiveTarget)).toEqual(['99.9 %', '95 %'])
})
