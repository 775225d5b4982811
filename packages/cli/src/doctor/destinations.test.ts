import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { SiteStatus } from '@adf/contract'
import { Config } from '@adf/processor'
import { expect, onTestFinished, test } from 'vitest'
import { checkDestinations, checkSite } from './destinations.ts'

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

test('an Alertmanager with credentials in its address is asked with them, and the address is shown without', async () => {
  const asked: (string | undefined)[] = []
  const server = createServer(({ headers }, response) => {
    asked.push(headers.authorization)
    response.end()
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const deliver = Config.parse({
    deliver: {
      alertmanager: { urls: [`http://me:s3cr%40t@127.0.0.1:${port}/am`] },
      forward: [{ name: 'next', protocol: 'http', endpoint: 'http://me:s3cr%40t@127.0.0.1:1/?key=s3cr%40t' }],
    },
  }).deliver
  const findings = await checkDestinations(deliver)
  expect(asked).toEqual([`Basic ${Buffer.from('me:s3cr@t').toString('base64')}`])
  expect(findings.map(({ status }) => status)).toEqual(['ok', 'fault'])
  expect(JSON.stringify(findings)).not.toContain('s3cr')
})
