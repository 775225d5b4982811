import { expect, test } from 'vitest'
import { completeTrial, parseTrials } from '../run/trial.ts'
import { seededRandom } from '../runtime/random.ts'
import { SERVICES, specOf } from '../shop/topology.ts'
import { FAULTS, faultsOf, servicesOf } from './catalogue.ts'

test('every fault fits at least four services, and both directions of the table agree', () => {
  for (const fault of FAULTS) {
    expect(servicesOf(fault).length).toBeGreaterThanOrEqual(4)
    for (const { name } of SERVICES)
      expect(faultsOf(name).includes(fault)).toBe(servicesOf(fault).includes(name))
  }
})

test('a fault fits only where it can show', () => {
  for (const name of servicesOf('database')) expect(specOf(name).database).toBe(true)
  for (const fault of ['network', 'crash'] as const) {
    for (const name of servicesOf(fault)) expect(SERVICES.some((s) => s.calls.includes(name))).toBe(true)
  }
})

test('the shop has at least eight services, a depth of four and a diamond', () => {
  expect(SERVICES.length).toBeGreaterThanOrEqual(8)
  const depth = (name: string): number => 1 + Math.max(0, ...specOf(name).calls.map(depth))
  // user and database come on top.
  expect(depth('frontend')).toBeGreaterThanOrEqual(4)
  const reached = (name: string): string[] =>
    specOf(name).calls.flatMap((callee) => [callee, ...reached(callee)])
  expect(reached('checkout').filter((name) => name === 'inventory').length).toBeGreaterThan(1)
  for (const { calls } of SERVICES)
    for (const callee of calls) expect(specOf(callee).protocol).not.toBe('queue')
})

test('what is left open of a trial is drawn by the seed and fits', () => {
  const draws = Array.from({ length: 50 }, (_, seed) => completeTrial({}, seededRandom(seed)))
  for (const { fault, service } of draws) {
    expect(servicesOf(fault)).toContain(service)
    expect(fault).not.toBe('log-only')
  }
  expect(new Set(draws.map((trial) => trial.service)).size).toBeGreaterThan(3)
  expect(new Set(draws.map((trial) => trial.fault)).size).toBeGreaterThan(3)
  expect(completeTrial({}, seededRandom(3))).toEqual(draws[3])
  expect(parseTrials('latency:cart, error:payment', seededRandom(1))).toEqual([
    { fault: 'latency', service: 'cart' },
    { fault: 'error', service: 'payment' },
  ])
})

test('a trial that cannot be is refused with what would fit', () => {
  const random = seededRandom(1)
  expect(() => completeTrial({ fault: 'crash', service: 'accounting' }, random)).toThrow(
    /does not fit accounting; it fits checkout/,
  )
  expect(() => completeTrial({ fault: 'fire' }, random)).toThrow(/no fault "fire"; there are latency/)
  expect(() => completeTrial({ service: 'bakery' }, random)).toThrow(
    /no service "bakery"; there are frontend/,
  )
})
