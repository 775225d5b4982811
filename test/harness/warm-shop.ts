import type { EntityPage, Incident, IncidentPage } from '@adf/contract'
import { type RunningAdf, startAdf } from './adf.ts'
import { until } from './process.ts'
import { SERVICES } from './shop.ts'
import { startTraffic, type Traffic } from './traffic.ts'

/** Small windows and a short warm-up: an incident within seconds. The calibration of so short a warm-up is cautious, hence the threshold. */
export const QUICK = {
  edge: {
    window: '1s',
    step: '100ms',
    interval: '1s',
    detection: { warm_up: 50, initial_threshold: 0.7 },
  },
  incident: { resolve_after: '3s' },
}

/** ADF with the shop under load, each service of it scored. */
export async function startWarmShop(
  config: Record<string, unknown> = {},
  options: Parameters<typeof startAdf>[1] = {},
) {
  const adf = await startAdf({ ...QUICK, ...config }, options)
  const traffic = startTraffic(`http://127.0.0.1:${adf.httpPort}`)
  await allScored(adf)
  return {
    adf,
    traffic,
    stop: async () => {
      await traffic.stop()
      await adf.stop()
    },
  }
}

export const allScored = (adf: RunningAdf) =>
  until('a score for every service', async () => (await scored(adf)).length === SERVICES.length)

/** Services that are past their warm-up. */
async function scored(adf: RunningAdf): Promise<string[]> {
  const { items } = await adf.json<EntityPage>('/api/entities?stream=service')
  return items
    .filter((one) => one.streams.some((each) => each.stream === 'service' && each.state === 'scored'))
    .map((one) => one.entity.id)
    .sort()
}

/** Breaks payment, and waits for the incident that names it. */
export async function breakPayment(adf: RunningAdf, traffic: Traffic): Promise<Incident> {
  traffic.strike({ service: 'payment', errors: 1 })
  return until('an incident of payment', async () => {
    const { items } = await adf.json<IncidentPage>('/api/incidents?state=open&service=payment')
    return items[0]
  })
}
