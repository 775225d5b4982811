import { execFileSync } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startAlertmanager } from '../harness/alertmanager.ts'
import { until } from '../harness/process.ts'
import { describeWith } from '../harness/requirement.ts'
import { findServer, needs } from '../harness/servers.ts'

const folder = join(import.meta.dirname, '../../provisioning/alertmanager')
const config = join(folder, 'alertmanager.yml')

const INCIDENT = {
  labels: { alertname: 'ADFIncident', incident: 'i-1', service: 'payment', severity: 'critical' },
  annotations: {
    summary: 'payment is the probable cause (87 %)',
    description: 'payment: exclusive time 4.2 times its normal\nSuffering: checkout, frontend <5 % errors>',
    incident_url: 'https://adf.example/incidents/i-1',
    useful_url: 'https://hook.example/feedback/u',
    noise_url: 'https://hook.example/feedback/n',
  },
  startsAt: '2026-03-01T03:15:00Z',
}
const OWN = {
  labels: { alertname: 'AdfDown', job: 'adf-webhook', instance: 'w', severity: 'critical', component: 'adf' },
  annotations: {
    summary: 'adf-webhook at w does not answer',
    runbook_url: 'https://docs.example/operations.md#adfdown',
  },
  startsAt: '2026-03-01T03:15:00Z',
}

describeWith(needs('amtool'), 'amtool', () => {
  const amtool = (...args: string[]) =>
    execFileSync(findServer('amtool') ?? 'amtool', args, { encoding: 'utf8', stdio: 'pipe' }).trim()

  test('has nothing to say of the configuration and its templates', () => {
    expect(amtool('check-config', config)).toContain('SUCCESS')
  })

  test.each([
    ['an incident in which users suffer', { alertname: 'ADFIncident', severity: 'critical' }, 'adf,on-call'],
    ['another incident', { alertname: 'ADFIncident', severity: 'warning' }, 'adf,team'],
    ['a budget that burns fast', { alertname: 'AdfSloBurn', severity: 'page' }, 'adf,on-call'],
    ['a budget that burns slowly', { alertname: 'AdfSloBurn', severity: 'ticket' }, 'adf,team'],
    ['ADF that is down', OWN.labels, 'adf,on-call'],
    ['an alert of another rule', { alertname: 'HighLoad', severity: 'critical' }, 'adf,team'],
  ])('sends %s to the webhook and to those whom it concerns', (_what, labels, receivers) => {
    const matchers = Object.entries(labels).map(([key, value]) => `${key}=${value}`)
    expect(amtool('config', 'routes', 'test', `--config.file=${config}`, ...matchers)).toBe(receivers)
  })
})

interface SlackMessage {
  readonly attachments: readonly {
    title: string
    title_link: string
    text: string
    footer: string
    pretext: string
  }[]
}

describeWith(needs('alertmanager'), 'a message of a real Alertmanager', () => {
  const messages: SlackMessage['attachments'][number][] = []
  const slack = createServer(async (request, response) => {
    messages.push(...(JSON.parse(await text(request)) as SlackMessage).attachments)
    response.end('ok')
  })
  let alertmanager: Awaited<ReturnType<typeof startAlertmanager>>

  beforeAll(async () => {
    await new Promise<void>((listening) => slack.listen(0, '127.0.0.1', listening))
    const { port } = slack.address() as AddressInfo
    const template = (name: string) => `{{ template "adf.${name}" . }}`
    alertmanager = await startAlertmanager({
      config: JSON.stringify({
        templates: [join(folder, 'templates/*.tmpl')],
        route: { receiver: 'chat', group_by: ['...'], group_wait: '0s', group_interval: '1s' },
        receivers: [
          {
            name: 'chat',
            slack_configs: [
              {
                api_url: `http://127.0.0.1:${port}/`,
                channel: '#x',
                send_resolved: true,
                title: template('title'),
                title_link: template('link'),
                text: template('slack.text'),
                footer: template('text'),
                pretext: template('email.html'),
              },
            ],
          },
        ],
      }),
    })
    await alertmanager.post([INCIDENT, OWN])
  })
  afterAll(async () => {
    await alertmanager?.stop()
    slack.close()
  })

  const message = (title: string) =>
    until(`a message ${title}`, () => messages.find((each) => each.title.startsWith(title)))

  test('of an incident has its cause, its evidence, and links that work with one press', async () => {
    const { title, title_link, text: body, footer, pretext } = await message('[firing] payment')
    expect(title).toBe(`[firing] ${INCIDENT.annotations.summary}`)
    expect(title_link).toBe(INCIDENT.annotations.incident_url)
    for (const part of ['exclusive time 4.2 times its normal', 'Suffering: checkout, frontend'])
      for (const form of [body, footer, pretext]) expect(form).toContain(part)
    expect(body).toContain('<https://adf.example/incidents/i-1|Open the incident>')
    expect(body).toContain('<https://hook.example/feedback/u|Useful>')
    expect(body).toContain('<https://hook.example/feedback/n|Noise>')
    expect(footer).toContain('Since 2026-03-01 03:15:00 UTC, critical')
    expect(footer).toContain(`This was noise: ${INCIDENT.annotations.noise_url}`)
    expect(pretext).toContain('<a href="https://hook.example/feedback/u">Useful</a>')
    // What the alert has not is not mentioned.
    for (const form of [body, footer, pretext]) expect(form).not.toMatch(/Runbook|no value/)
  })

  test("of an alert of ADF's own leads to the runbook", async () => {
    const { title, title_link, text: body } = await message('[firing] adf-webhook')
    expect(title).toBe('[firing] adf-webhook at w does not answer')
    expect(title_link).toBe(OWN.annotations.runbook_url)
    expect(body).toContain(`<${OWN.annotations.runbook_url}|Runbook>`)
    expect(body).not.toMatch(/Useful|Noise|no value/)
  })

  test('says when it is over', async () => {
    await alertmanager.post([{ ...INCIDENT, endsAt: '2026-03-01T03:40:00Z' }])
    const { footer } = await message('[resolved] payment')
    expect(footer).toContain('From 2026-03-01 03:15:00 to 2026-03-01 03:40:00 UTC')
  })
})
