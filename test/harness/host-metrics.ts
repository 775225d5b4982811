/** OpenTelemetry host metrics of a quiet host, a collection a second of event time; the processor takes each for a vector. */
export async function sendHostMetrics(
  endpoint: string,
  host: string,
  { atMs, cpu = 0.2 }: { atMs: number; cpu?: number },
): Promise<void> {
  const timeUnixNano = `${BigInt(Math.round(atMs)) * 1_000_000n}`
  const wobble = 0.02 * Math.sin(atMs / 3000)
  const point = (value: number, attributes: Record<string, string> = {}) => ({
    timeUnixNano,
    asDouble: value,
    attributes: Object.entries(attributes).map(([key, text]) => ({ key, value: { stringValue: text } })),
  })
  const gauge = (name: string, unit: string, ...dataPoints: object[]) => ({
    name,
    unit,
    gauge: { dataPoints },
  })
  const body = {
    resourceMetrics: [
      {
        resource: { attributes: [{ key: 'host.name', value: { stringValue: host } }] },
        scopeMetrics: [
          {
            scope: { name: 'hostmetrics' },
            metrics: [
              gauge(
                'system.cpu.utilization',
                '1',
                point(1 - cpu - wobble, { 'cpu.mode': 'idle' }),
                point(cpu + wobble, { 'cpu.mode': 'user' }),
              ),
              gauge('system.cpu.load_average.1m', '{thread}', point(1 + wobble)),
              gauge(
                'system.memory.utilization',
                '1',
                point(0.4 + wobble, { 'system.memory.state': 'used' }),
                point(0.6 - wobble, { 'system.memory.state': 'free' }),
              ),
            ],
          },
        ],
      },
    ],
  }
  const response = await fetch(`${endpoint}/v1/metrics`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const answer = await response.text()
  if (!response.ok || answer.includes('rejected')) throw new Error(`${response.status} ${answer}`)
}
