import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { runAdf } from '../program/adf.test-program.ts'

const folder = mkdtempSync(join(tmpdir(), 'adf-simulate-'))
afterAll(() => rmSync(folder, { recursive: true }))
const file = join(folder, 'federation.yaml')
writeFileSync(
  file,
  `federated:
  aggregation: { pre_steps: [], rule: trimmed_mean, faulty: 1 }
  runs:
    north: { num_rounds: 3 }
    south: { aggregation: { rule: bulyan, faulty: 3 } }
`,
)
const small = ['--clients', '5', '--attackers', '1', '--rounds', '3']
const run = (...args: string[]) => runAdf(['federation', 'simulate', ...args])

it('shows what the settings of a run stand, under one attack or all', async () => {
  const one = await run(...small, '--config', file, '--run', 'north', '--attack', 'nan')
  expect(one).toMatchObject({ status: 0, err: '' })
  expect(one.out).toContain('run north: trimmed_mean, poisoning detection on')
  expect(one.out).toMatch(/5 clients, 1 of them attackers, 0 trusted beside them; 3 rounds, seed 1/)
  expect(one.out).toMatch(/nan +[\d.]+ +-?[\d.]+ +0\.0 % +100 % +1 +0\n/)
  const all = JSON.parse((await run(...small, '--json')).out)
  expect(all).toMatchObject({ clients: 5, run: 'service-lstm', poisoning_detection: true })
  expect(all.attacks.map(({ attack }: { attack: string }) => attack)).toEqual(
    expect.arrayContaining(['none', 'nan', 'label_flip', 'min_max', 'stealth_drift']),
  )
  expect((await run(...small, '--json')).out).toBe(`${JSON.stringify(all)}\n`)
}, 240_000)

it('says why rounds are abandoned, and trains a trusted client for a rule that needs one', async () => {
  const bulyan = await run(...small, '--config', file, '--run', 'south', '--attack', 'none')
  expect(bulyan.out).toMatch(/\nabandoned: \S+ needs \d+ updates against 3 faulty ones, got 5/)
  const trust = await run(...small, '--set', 'federated.aggregation.rule=fl_trust', '--attack', 'none')
  expect(trust.out).toContain('1 trusted beside them')
}, 240_000)

it('says what is wrong with options and configuration', async () => {
  for (const [args, text] of [
    [['--config', file], '--run is needed: the configuration has north, south'],
    [['--config', file, '--run', 'west'], 'no run west; it has north, south'],
    [['--clients', '3'], '--attackers 3 of --clients 3 leave nobody honest'],
    [['--rounds', '0'], '--rounds must be 1 to 10000'],
    [['--attack', 'magic'], 'Allowed choices are none, nan'],
    [['--set', 'federated.aggregation.rule=fl_trust', '--trusted', '0'], 'fl_trust needs a trusted client'],
    [['--set', 'federated.aggregation.rul=x'], 'did you mean federated.aggregation.rule'],
  ] as const)
    expect(await run(...args)).toMatchObject({ status: 2, err: expect.stringContaining(text) })
}, 240_000)
