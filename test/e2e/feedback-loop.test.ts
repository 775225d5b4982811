import type { Incident, IncidentPage, ScoreAnswer, ThresholdHistory, VerdictLog } from '@adf/contract'
import type { Alert, AlertPage, FeedbackPage, FeedbackStatus, TunerStepPage } from '@adf/contract/feedback'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunningAdf, startAdf } from '../harness/adf.ts'
import { startAlertmanager } from '../harness/alertmanager.ts'
import { freePort, until } from '../harness/process.ts'
import { describeWith } from '../harness/requirement.ts'
import { needs } from '../harness/servers.ts'
import { type RunningWebhook, startWebhook } from '../harness/webhook-process.ts'

const SECRET = 'a key that both services know, and nobody else'
const STREAM = 'sensors'
const SENSOR = 'boiler'
const THRESHOLD = 0.6
const STEP = 0.05
/** Two processes are started and killed several times, and a minute is waited for. */
const LIMIT_MS = 300_000
/** What waits for a processor is tried again after up to a minute, and so long a webhook that was killed holds its lease. */
const waitFor: typeof until = (what, condition, limitMs = 120_000) => until(what, condition, limitMs)

/** YAML reads JSON. */
const notifying = (url: string) =>
  JSON.stringify({
    route: {
      receiver: 'it',
      group_by: ['...'],
      group_wait: '0s',
      group_interval: '1s',
      repeat_interval: '1h',
    },
    receivers: [{ name: 'it', webhook_configs: [{ url }] }],
  })

// One story, told in order.
describeWith(needs('alertmanager'), 'from a false alert to a threshold', () => {
  let peers: Awaited<ReturnType<typeof startAlertmanager>>[] = []
  let adf: RunningAdf
  let webhook: RunningWebhook
  /** A reading that is over the threshold by less than a step. */
  let odd: number
  let incident: Incident
  let alert: Alert

  beforeAll(async () => {
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    // Two that do not know of each other: everything comes twice.
    peers = await Promise.all(
      [1, 2].map(() => startAlertmanager({ config: notifying(`${url}/webhook/alertmanager`) })),
    )
    const detection = {
      warm_up: 100,
      initial_threshold: THRESHOLD,
      detectors: ['robust'],
      rerank: 'none',
      refit_every: 100_000,
    }
    const api = await freePort()
    const starting = startWebhook(port, {
      processors: [{ url: `http://127.0.0.1:${api}` }],
      following: '200ms',
      feedback: { secret: SECRET },
      thresholding: { step_verdicts: 3, interval: '1s', rl_tuner: { epsilon: 0 } },
    })
    adf = await startAdf({
      api: { port: api },
      edge: { window: '1s', step: '100ms', interval: '1s', detection },
      streams: { [STREAM]: { entity: 'sensor', features: { temperature: {} } } },
      incident: { open_after: 1, resolve_after: '1s' },
      // What was learned outlives a SIGKILL.
      store: { state_interval: '500ms' },
      deliver: {
        alertmanager: { urls: peers.map((peer) => peer.url), resend_interval: '1s' },
        feedback: { url, secret: SECRET },
      },
    })
    webhook = await starting
    await read(...Array.from({ length: 200 }, (_, n) => 60 + 10 * Math.sin(n * 2.399)))
    await waitFor('a score', async () => (await severityOf(60)) !== undefined)
    odd = await readingBetween(THRESHOLD + 0.01, THRESHOLD + STEP - 0.01)
  }, LIMIT_MS)
  afterAll(async () => {
    await webhook?.stop()
    await adf?.stop()
    for (const peer of peers) await peer.stop()
  })

  async function read(...temperatures: readonly number[]): Promise<void> {
    const response = await fetch(`${adf.api}/api/events/${STREAM}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(temperatures.map((temperature) => ({ sensor: SENSOR, temperature }))),
    })
    if (!response.ok) throw new Error(await response.text())
  }

  /** Nothing is learned of it. */
  async function severityOf(temperature: number): Promise<number | undefined> {
    const response = await fetch(`${adf.api}/api/anomaly`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ stream: STREAM, entity: SENSOR, features: { temperature } }),
    })
    const answer = (await response.json()) as ScoreAnswer
    return 'severity' in answer && typeof answer.severity === 'number' ? answer.severity : undefined
  }

  /** A sensor goes on reading: a processor knows its entities by what comes, and reads what it learned of them then. */
  async function known(): Promise<void> {
    await read(60)
    await waitFor('what was learned of the sensor', async () => (await severityOf(60)) !== undefined)
  }

  async function readingBetween(low: number, high: number): Promise<number> {
    let [from, to] = [70, 400]
    for (let n = 0; n < 60; n++) {
      const middle = (from + to) / 2
      const severity = (await severityOf(middle)) ?? 0
      if (severity >= low && severity <= high) return middle
      if (severity < low) from = middle
      else to = middle
    }
    throw new Error(`no reading has a severity from ${low} to ${high}`)
  }

  const steps = async () => (await webhook.json<TunerStepPage>('/api/tuner/steps')).items
  const said = async () => (await webhook.json<FeedbackPage>(`/api/feedback?incident=${incident.id}`)).items

  test(
    'an incident becomes one alert at the webhook, with links',
    async () => {
      await read(odd)
      incident = await waitFor(
        'an incident',
        async () => (await adf.json<IncidentPage>('/api/incidents')).items[0],
      )
      alert = await waitFor('its alert', async () => (await webhook.json<AlertPage>('/api/alerts')).items[0])
      expect(alert).toMatchObject({ ours: true, incident_id: incident.id })
      expect(alert.annotations['noise_url']).toMatch(new RegExp(`^${webhook.url}/feedback/`))
    },
    LIMIT_MS,
  )

  test(
    'looking at a link changes nothing; one click gives the verdict, at both services',
    async () => {
      const link = alert.annotations['noise_url'] ?? ''
      for (const method of ['GET', 'HEAD', 'GET']) expect((await fetch(link, { method })).status).toBe(200)
      expect(await said()).toEqual([])
      const form = { method: 'POST', body: new URLSearchParams({ note: 'a window was open' }) }
      const clicked = await fetch(link, form)
      expect(clicked.status).toBe(200)
      expect(await clicked.text()).toContain('Recorded as noise')
      expect(await (await fetch(link, form)).text()).toContain('used already')
      const { items } = await waitFor('the verdict at the processor', async () => {
        const log = await adf.json<VerdictLog>('/api/verdicts')
        return log.items.length > 0 && log
      })
      expect(items[0]).toMatchObject({
        verdict: { incident_id: incident.id, verdict: 'false_positive', note: 'a window was open' },
        episodes: [{ stream: STREAM, entity_id: SENSOR }],
      })
      await waitFor('it is known to be there', async () => (await said())[0]?.delivered)
      expect(await said()).toHaveLength(1)
    },
    LIMIT_MS,
  )

  test(
    'what is said while the webhook is dead is not lost',
    async () => {
      await webhook.process.stop('SIGKILL')
      const response = await fetch(`${adf.api}/api/feedback`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ incident_id: incident.id, verdict: 'false_positive', author: 'ben' }),
      })
      expect(response.status).toBe(200)
      webhook = await webhook.restart()
      await waitFor('the word of ben', async () => (await said()).some(({ author }) => author === 'ben'))
      expect(await said()).toHaveLength(2)
    },
    LIMIT_MS,
  )

  test(
    'what is said while the processor is dead reaches it later',
    async () => {
      await adf.kill('SIGKILL')
      const response = await webhook.post('/api/feedback', {
        alert_id: alert.id,
        verdict: 'false_positive',
        author: 'cat',
      })
      expect(response.status).toBe(200)
      await waitFor(
        'a word that waits',
        async () => (await webhook.json<FeedbackStatus>('/api/status')).undelivered === 1,
      )
      adf = await adf.restart()
      await known()
      await waitFor(
        'nothing waits',
        async () => (await webhook.json<FeedbackStatus>('/api/status')).undelivered === 0,
      )
      const { items } = await adf.json<VerdictLog>('/api/verdicts')
      expect(items.map(({ verdict }) => verdict.author)).toEqual(['alertmanager-webhook', 'ben', 'cat'])
    },
    LIMIT_MS,
  )

  test(
    'after enough verdicts the threshold moves one step, and says why',
    async () => {
      const minute = Math.floor(Date.now() / 60_000)
      // Of a later minute than the look that the first verdicts caused.
      await waitFor('the next minute', () => Math.floor(Date.now() / 60_000) > minute)
      for (const author of ['dan', 'eve', 'fay'])
        await webhook.post('/api/feedback', { alert_id: alert.id, verdict: 'false_positive', author })
      const step = await waitFor('a step', async () =>
        (await steps()).find(({ outcome }) => outcome === 'applied'),
      )
      expect(step).toMatchObject({ action: 'raise', stream: STREAM, entity_id: SENSOR, from: THRESHOLD })
      expect(step.to).toBeCloseTo(THRESHOLD + STEP)
      expect(step.text).toMatch(/^Raised one step to 0\.65/)
      const { items } = await adf.json<ThresholdHistory>('/api/thresholds/history')
      expect(items[0]).toMatchObject({
        source: 'tuner',
        to: step.to,
        version: step.version,
        reason: step.text,
      })
    },
    LIMIT_MS,
  )

  test(
    'SIGKILL of both leaves one step in effect',
    async () => {
      await webhook.process.stop('SIGKILL')
      await adf.kill('SIGKILL')
      adf = await adf.restart()
      await known()
      webhook = await webhook.restart()
      await waitFor(
        'a look',
        async () => (await webhook.json<{ items: unknown[] }>('/api/tuner/entities')).items.length > 0,
      )
      const { items } = await adf.json<ThresholdHistory>('/api/thresholds/history')
      expect(items).toHaveLength((await steps()).filter(({ outcome }) => outcome === 'applied').length)
    },
    LIMIT_MS,
  )

  test(
    'the same reading is no alert any more',
    async () => {
      const before = (await adf.json<IncidentPage>('/api/incidents')).items.length
      expect(await severityOf(odd)).toBeLessThan(THRESHOLD + STEP)
      await read(odd)
      // One that is far off comes after it, in order.
      await read(400)
      await waitFor('an incident of what is far off', async () => {
        const { items } = await adf.json<IncidentPage>('/api/incidents')
        return items.length > before
      })
      expect((await adf.json<IncidentPage>('/api/incidents')).items).toHaveLength(before + 1)
      const [latest] = (await adf.json<IncidentPage>('/api/incidents')).items
      expect(latest?.anomaly_count).toBe(1)
    },
    LIMIT_MS,
  )
})
