import { CauseKind } from '@adf/contract'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { runAdf } from '../harness/process.ts'
import { findServer } from '../harness/servers.ts'

const Trial = z.object({
  service: z.string(),
  fault: z.string(),
  top: z.array(z.string()),
  kind: CauseKind,
  probability: z.number(),
  detected_after_s: z.number(),
  alerted_after_s: z.number().nullable(),
})

/** Twice the time that it takes on two busy cores. */
const LIMIT_MS = 420_000

test('adf demo: faults in real services become incidents that name them, and alerts', {
  timeout: LIMIT_MS,
}, async () => {
  const faults = ['error:payment', 'crash:shipping']
  const demo = runAdf(['demo', '--once', '--json', '--seed', '3', '--faults', faults.join(',')])
  const status = await demo.exited
  const lines = demo.output().trimEnd().split('\n')
  const trials = lines
    .filter((line) => line.startsWith('{"service"'))
    .map((line) => Trial.parse(JSON.parse(line)))
  expect(trials.map(({ fault, service }) => `${fault}:${service}`)).toEqual(faults)
  for (const trial of trials) {
    expect(trial.top[0]).toBe(trial.service)
    if (findServer('alertmanager') !== undefined) expect(trial.alerted_after_s).not.toBeNull()
  }
  expect(status).toBe(0)
})

test('adf demo --list names the services that each fault fits', async () => {
  const demo = runAdf(['demo', '--list', '--json'])
  expect(await demo.exited).toBe(0)
  const list = z
    .object({
      services: z.array(z.string()),
      faults: z.array(z.object({ fault: z.string(), services: z.array(z.string()) })),
    })
    .parse(JSON.parse(demo.output()))
  expect(list.services.length).toBeGreaterThanOrEqual(8)
  expect(list.faults.map(({ fault }) => fault).sort()).toEqual([
    'cpu',
    'crash',
    'database',
    'error',
    'latency',
    'log-only',
    'network',
  ])
  for (const { services } of list.faults) {
    expect(services.length).toBeGreaterThanOrEqual(4)
    expect(list.services).toEqual(expect.arrayContaining(services))
  }
})
