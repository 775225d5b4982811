import type { SiteStatus } from '@adf/contract'
import { expect, test } from 'vitest'
import { checkSite } from './destinations.ts'

const site: SiteStatus = {
  server: 'https://federation.example',
  client: 'c1',
  public_key: 'key',
  reachable: true,
  last_success_at: '2026-03-01T03:12:05.250Z',
  last_error: null,
  idle: null,
  runs: [{ run: 'service', stream: 'service', version: 3, last_round: 4, last_missed: null }],
}

test.each<[string, Partial<SiteStatus>, string, RegExp]>([
  [
    'all is well',
    {},
    'ok',
    /enrolled at https:\/\/federation.example: service at version 3, part in round 4/,
  ],
  ['it is away', { reachable: false, last_error: 'ECONNREFUSED' }, 'fault', /does not reach .*ECONNREFUSED/],
  ['it refuses', { client: null, last_error: 'the token enrols nobody' }, 'fault', /refuses: the token/],
  ['nothing was asked yet', { reachable: null, client: null, runs: [] }, 'ok', /not asked yet/],
  [
    'a round was missed',
    { runs: [{ ...site.runs[0]!, last_missed: 'no run of normal vectors is full yet' }] },
    'warning',
    /no part in the latest round, or in the run, of service: no run/,
  ],
  [
    'there is nothing to train on',
    { idle: 'no stream that takes part has a network', runs: [] },
    'warning',
    /trains for no round: no stream that takes part/,
  ],
  ['the server offers nothing', { runs: [] }, 'ok', /offers no run/],
])('federation, when %s', (_, change, status, text) => {
  const finding = checkSite({ ...site, ...change })
  expect(finding).toMatchObject({ check: 'federation', status })
  expect(finding.text).toMatch(text)
})
