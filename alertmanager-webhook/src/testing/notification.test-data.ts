/** What Alertmanager posts of one alert; all of it can be overlaid. */
export function sampleNotification(n = 1, alert: object = {}, notification: object = {}): object {
  return {
    version: '4',
    groupKey: '{}:{alertname="HighCpu"}',
    truncatedAlerts: 0,
    status: 'firing',
    receiver: 'adf',
    groupLabels: { alertname: 'HighCpu' },
    commonLabels: {},
    commonAnnotations: {},
    externalURL: 'http://alertmanager:9093',
    alerts: [
      {
        status: 'firing',
        labels: { alertname: 'HighCpu', instance: `host-${n}` },
        annotations: { summary: 'CPU' },
        startsAt: '2026-03-01T03:00:00.5Z',
        endsAt: '0001-01-01T00:00:00Z',
        generatorURL: 'http://prometheus/graph',
        fingerprint: n.toString(16).padStart(16, '0'),
        ...alert,
      },
    ],
    ...notification,
  }
}
