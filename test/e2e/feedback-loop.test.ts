import type {
  EntityPage,
  Incident,
  IncidentPage,
  ScoreAnswer,
  ThresholdHistory,
  VerdictLog,
} from '@adf/contract'
import type {
  Alert,
  AlertPage,
  FeedbackPage,
  FeedbackStatus,
  TunedEntityPage,
  TunerStepPage,
} from '@adf/contract/feedback'
import { RunningShop } from '@adf/demo'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunningAdf, startAdf } from '../harness/adf.ts'
import { startAlertmanager } from '../harness/alertmanager.ts'
import { startCustomers } from '../harness/customers.ts'
import { type Gate, startGate } from '../harness/gate.ts'
import { freePort, until } from '../harness/process.ts'
import { describeWith } from '../harness/requirement.ts'
import { needs } from '../harness/servers.ts'
import { type RunningWebhook, startWebhook } from '../harness/webhook-process.ts'

const SECRET = 'a key that both services know, and nobody else'
const STREAM = 'sensors'
const SENSOR = 'boiler'
const THRESHOLD = 0.6
const STEP = 0.05
const AUTHORS = ['dan', 'eve', 'fay']
/** Seven processes are started, and two of them killed several times. */
const LIMIT_MS = 600_000
/** What waits for a processor is tried again after up to a minute. */
const waitFor: typeof until = (what, condition, limitMs = 180_000) => until(what, condition, limitMs)

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
  let gate: Gate
  let shop: RunningShop
  let customers: ReturnType<typeof startCustomers>
  let webhook: RunningWebhook
  /** A reading that is over the threshold by less than a step. */
  let odd: number
  let incident: Incident
  let alert: Alert

  beforeAll(async () => {
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    const config = notifying(`${url}/webhook/alertmanager`)
    const [one, two] = [await freePort(), await freePort()]
    peers = await Promise.all([
      startAlertmanager({ config, gossip: one, peers: [two] }),
      startAlertmanager({ config, gossip: two, peers: [one] }),
    ])
    const detection = {
      warm_up: 100,
      initial_threshold: THRESHOLD,
      detectors: ['robust'],
      rerank: 'none',
      refit_every: 100_000,
    }
    const api = await freePort()
    gate = await startGate(`http://127.0.0.1:${api}`)
    const starting = startWebhook(port, {
      processors: [{ url: gate.url }],
      following: '200ms',
      feedback: { secret: SECRET },
      thresholding: { interval: '300ms', lease: '1s', rl_tuner: { epsilon: 0 } },
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
    shop = new RunningShop({
      otlpEndpoint: `http://127.0.0.1:${adf.grpcPort}`,
      seed: 3,
      services: ['cart'],
    })
    await shop.start()
    customers = startCustomers(shop.addressOf('cart'))
    webhook = await starting
    await read(...Array.from({ length: 200 }, (_, n) => 60 + 10 * Math.sin(n * 2.399)))
    await waitFor('a score', async () => (await severityOf(60)) !== undefined)
    odd = await readingBetween(THRESHOLD + 0.01, THRESHOLD + STEP - 0.01)
  }, LIMIT_MS)
  afterAll(async () => {
    customers?.stop()
    await shop?.stop()
    await webhook?.stop()
    await adf?.stop()
    await gate?.stop()
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

  const steps = async () => (await webhook.json<TunerStepPage>(`/api/tuner/steps?stream=${STREAM}`)).items
  const changes = async () =>
    (await adf.json<ThresholdHistory>(`/api/thresholds/history?stream=${STREAM}`)).items
  /** Of the sensor: the shop has some of its own where the machine is busy. */
  const incidents = async () =>
    (await adf.json<IncidentPage>('/api/incidents')).items.filter(({ services }) => services.length === 0)
  const alertOf = ({ id }: Incident) =>
    waitFor('its alert', async () => {
      const { items } = await webhook.json<AlertPage>('/api/alerts')
      return items.find(({ incident_id }) => incident_id === id)
    })
  const freeze = async (frozen: boolean) => {
    const answer = await fetch(`${webhook.url}/api/tuner/freeze`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ frozen }),
    })
    expect(answer.status).toBe(200)
  }
  const said = async () => (await webhook.json<FeedbackPage>(`/api/feedback?incident=${incident.id}`)).items

  test(
    'an incident becomes one alert at the webhook, with links, through a cluster of two Alertmanagers',
    async () => {
      for (const { url } of peers)
        await waitFor('a cluster', async () => {
          const { cluster } = (await (await fetch(`${url}/api/v2/status`)).json()) as ClusterStatus
          return cluster.status === 'ready' && cluster.peers.length === 2
        })
      // Nothing moves before everybody has had a say.
      await freeze(true)
      await read(odd)
      incident = await waitFor('an incident', async () => (await incidents())[0])
      alert = await alertOf(incident)
      for (const peer of peers)
        await waitFor('the alert at each peer', async () =>
          (await peer.alerts()).some(({ labels }) => labels['incident'] === incident.id),
        )
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
    'the threshold moves one step, though the webhook is killed before the PUT and again before its answer',
    async () => {
      for (const author of AUTHORS)
        await webhook.post('/api/feedback', { alert_id: alert.id, verdict: 'false_positive', author })
      await waitFor('a look that knows every word', async () => {
        const { items } = await webhook.json<TunedEntityPage>('/api/tuner/entities')
        return items.find(({ entity_id }) => entity_id === SENSOR)?.verdicts === 3 + AUTHORS.length
      })
      expect(await steps()).toEqual([])

      const request = gate.hold('request', 'PUT', '/api/thresholds')
      await freeze(false)
      await request
      expect(await steps()).toMatchObject([{ outcome: 'pending', entity_id: SENSOR, version: null }])
      await webhook.process.stop('SIGKILL')
      expect(await changes()).toEqual([])

      const answer = gate.hold('answer', 'PUT', '/api/thresholds')
      webhook = await webhook.restart()
      await answer
      expect(await steps()).toMatchObject([{ outcome: 'pending' }])
      await Promise.all([webhook.process.stop('SIGKILL'), adf.kill('SIGKILL')])
      adf = await adf.restart()
      await known()

      webhook = await webhook.restart()
      const step = await waitFor('the step', async () =>
        (await steps()).find(({ outcome }) => outcome === 'applied'),
      )
      expect(step).toMatchObject({ action: 'raise', entity_id: SENSOR, from: THRESHOLD, version: 1 })
      expect(step.to).toBeCloseTo(THRESHOLD + STEP)
      expect(step.text).toMatch(/^Raised one step to 0\.65/)
      expect(await changes()).toMatchObject([{ version: 1, source: 'tuner', to: step.to, reason: step.text }])
      expect(await steps()).toHaveLength(1)
    },
    LIMIT_MS,
  )

  test(
    'the same reading is no alert any more',
    async () => {
      const before = (await incidents()).length
      expect(await severityOf(odd)).toBeLessThan(THRESHOLD + STEP)
      await read(odd)
      // One that is far off comes after it, in order.
      await read(400)
      await waitFor('an incident of what is far off', async () => (await incidents()).length > before)
      expect(await incidents()).toHaveLength(before + 1)
      expect((await incidents())[0]?.anomaly_count).toBe(1)
    },
    LIMIT_MS,
  )

  test(
    'a fault of the shop is an alert all the same, and one click tells that it was useful',
    async () => {
      await waitFor('a score of the cart', async () => {
        const { items } = await adf.json<EntityPage>('/api/entities?stream=service')
        return items.some(({ streams }) => streams.some(({ state }) => state === 'scored'))
      })
      const failedMs = Date.now()
      await shop.inject('error', 'cart')
      const failure = await waitFor('an incident of the cart', async () => {
        const { items } = await adf.json<IncidentPage>('/api/incidents?service=shop/cart')
        return items.find(
          ({ started_at, causes }) =>
            Date.parse(started_at) >= failedMs && causes[0]?.service === 'shop/cart',
        )
      })
      const told = await alertOf(failure)
      const form = { method: 'POST', body: new URLSearchParams({ note: '' }) }
      expect((await fetch(told.annotations['useful_url'] ?? '', form)).status).toBe(200)
      const { items } = await waitFor('the verdict at the processor', async () => {
        const log = await adf.json<VerdictLog>('/api/verdicts')
        return log.items.some(({ verdict }) => verdict.incident_id === failure.id) && log
      })
      expect(items.at(-1)).toMatchObject({ verdict: { verdict: 'true_positive' } })
      expect(await webhook.json<Alert>(`/api/alerts/${told.id}`)).toMatchObject({ verdict: 'true_positive' })
      expect(await webhook.json<Alert>(`/api/alerts/${alert.id}`)).toMatchObject({
        verdict: 'false_positive',
      })
    },
    LIMIT_MS,
  )
})

interface ClusterStatus {
  readonly cluster: { readonly status: string; readonly peers: readonly unknown[] }
}
