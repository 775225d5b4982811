import { execFileSync } from 'node:child_process'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { temporaryFolder } from '../harness/process.ts'
import { describeWith } from '../harness/requirement.ts'
import { findServer, needs } from '../harness/servers.ts'
import { ALERT_CASES, type AlertCase } from './alert-cases.ts'

const root = join(import.meta.dirname, '../..')
const folder = join(root, 'provisioning/prometheus')
const RuleFile = z.object({
  groups: z.array(
    z.object({
      name: z.string(),
      rules: z.array(
        z.object({
          alert: z.string().optional(),
          record: z.string().optional(),
          expr: z.string(),
          labels: z.record(z.string(), z.string()).default({}),
          annotations: z.record(z.string(), z.string()).default({}),
        }),
      ),
    }),
  ),
})
const files = globSync(join(folder, 'rules/*.yml'))
const rules = files.flatMap((file) =>
  RuleFile.parse(parse(readFileSync(file, 'utf8'))).groups.flatMap((group) => group.rules),
)
const alerts = rules.flatMap((rule) => (rule.alert === undefined ? [] : [{ ...rule, alert: rule.alert }]))
const documented = new Set(
  ['metrics', 'federation-metrics', 'webhook-metrics']
    .map((name) => readFileSync(join(root, `docs/${name}.md`), 'utf8'))
    .flatMap((text) => [...text.matchAll(/^\| `(\w+)` /gm)].map(([, name]) => name ?? '')),
)
const operations = readFileSync(join(root, 'docs/operations.md'), 'utf8')

test('every series of ADF in a rule is one that a service exports', () => {
  const asked = rules.flatMap(({ expr }) => [...expr.matchAll(/(?<![\w:"])adf_\w+/g)].map(([name]) => name))
  expect(asked.length).toBeGreaterThan(40)
  const unknown = asked.filter((name) => !documented.has(name.replace(/_(bucket|count|sum)$/, '')))
  expect(unknown).toEqual([])
})

test('every alert has a runbook, where its runbook_url points', () => {
  const runbooks = [...operations.matchAll(/^#### (Adf\w+)$/gm)].map(([, name]) => name)
  expect(runbooks.toSorted()).toEqual(alerts.map(({ alert }) => alert).toSorted())
  for (const { alert, annotations, labels } of alerts) {
    expect(annotations['runbook_url']).toMatch(new RegExp(`/operations\\.md#${alert.toLowerCase()}$`))
    expect(annotations['summary']).toBeTruthy()
    expect(annotations['description']).toBeTruthy()
    expect(labels).toEqual({ component: 'adf', severity: expect.stringMatching(/^(critical|warning)$/) })
  }
})

test('there is a case for every alert, and none of another name', () => {
  expect(Object.keys(ALERT_CASES).toSorted()).toEqual(alerts.map(({ alert }) => alert).toSorted())
})

describeWith(needs('promtool'), 'promtool', () => {
  const temporary = temporaryFolder()
  afterAll(() => temporary.remove())
  const promtool = (...args: string[]) =>
    execFileSync(findServer('promtool') ?? 'promtool', args, { encoding: 'utf8', stdio: 'pipe' })
  const testRules = (tests: readonly object[]) => {
    const file = join(temporary.path, 'tests.yml')
    writeFileSync(file, JSON.stringify({ rule_files: files, evaluation_interval: '5m', tests }))
    return promtool('test', 'rules', file)
  }

  test('has nothing to say of the configuration and the rules', () => {
    expect(promtool('check', 'config', join(folder, 'prometheus.yml'))).toContain('SUCCESS')
    expect(promtool('check', 'rules', ...files)).toContain('SUCCESS')
  })

  test('sees each alert fire when its trouble is there', () => {
    // Each at an instance of its own, in one run of promtool's storage; but that of the missing target, which must miss.
    const { AdfAbsent: absent, ...others } = ALERT_CASES
    const together = (cases: Readonly<Record<string, AlertCase>>) => ({
      interval: '1m',
      input_series: Object.entries(cases).flatMap(([alert, { series }]) =>
        Object.entries(series).map(([name, values]) => ({ series: at(name, alert), values })),
      ),
      promql_expr_test: Object.entries(cases).map(([alert, { labels, at: time = '2h' }]) => {
        const of = 'instance' in labels ? { ...labels, instance: alert } : labels
        return {
          expr: `count by (alertname, alertstate, severity, ${Object.keys(of).join(', ')}) (ALERTS${labelsText({ ...of, alertname: alert })})`,
          eval_time: time,
          exp_samples: [
            {
              labels: labelsText({
                ...of,
                alertname: alert,
                alertstate: 'firing',
                severity: alerts.find((each) => each.alert === alert)?.labels['severity'] ?? '',
              }),
              value: 1,
            },
          ],
        }
      }),
    })
    const cases = [together(others), ...(absent === undefined ? [] : [together({ AdfAbsent: absent })])]
    expect(testRules(cases)).toContain('SUCCESS')
  })

  test('sees none fire while all is well', () => {
    const healthy: Record<string, string> = {
      'up{job="adf-processor",instance="p"}': '1x600',
      'adf_receiver_requests_total{job="adf-processor",instance="p",outcome="accepted"}': '0+60x600',
      'adf_receiver_spans_total{job="adf-processor",instance="p",outcome="accepted"}': '0+6000x600',
      'adf_graph_dropped_total{job="adf-processor",instance="p",reason="pending"}': '0+6x600',
      'adf_database_writable{job="adf-processor",instance="p"}': '1x600',
      'adf_database_disk_free_bytes{job="adf-processor",instance="p"}': '900-0.1x600',
      'adf_database_disk_size_bytes{job="adf-processor",instance="p"}': '1000x600',
      'adf_rca_accuracy{job="adf-processor",instance="p"}': '0.75x600',
      'adf_rca_judged_incidents{job="adf-processor",instance="p"}': '0x600',
      'adf_alertmanager_sent_alerts_total{job="adf-processor",instance="p",peer="0"}': '0+1x600',
      'adf_alertmanager_failed_alerts_total{job="adf-processor",instance="p",peer="0",reason="timeout"}':
        '0+1x600',
      'adf_webhook_notifications_total{job="adf-webhook",instance="w",outcome="stored"}': '0+1x600',
      'adf_webhook_last_notification_timestamp_seconds{job="adf-webhook",instance="w"}': '0x600',
      'adf_fl_rounds_completed_total{job="adf-federation",instance="f",run="r"}': '0+1x600',
      'adf_fl_clients{job="adf-federation",instance="f",state="seen"}': '3x600',
      'otelcol_exporter_queue_size{instance="c",exporter="otlp_grpc/adf",data_type="traces"}': '1x600',
      'otelcol_exporter_queue_capacity{instance="c",exporter="otlp_grpc/adf",data_type="traces"}': '100x600',
      'otelcol_exporter_send_failed_spans{instance="c",exporter="otlp_grpc/adf"}': '5x600',
    }
    expect(
      testRules([
        {
          interval: '1m',
          input_series: Object.entries(healthy).map(([series, values]) => ({ series, values })),
          promql_expr_test: [{ expr: 'ALERTS', eval_time: '9h', exp_samples: [] }],
        },
      ]),
    ).toContain('SUCCESS')
  })

  test('links lead to the runbook, below the external label adf_docs where there is one', () => {
    const of = (external: Record<string, string>, prefix: string) => ({
      interval: '1m',
      external_labels: external,
      input_series: [{ series: 'up{job="adf-webhook",instance="w:8082"}', values: '0x30' }],
      alert_rule_test: [
        {
          eval_time: '20m',
          alertname: 'AdfDown',
          exp_alerts: [
            {
              exp_labels: {
                job: 'adf-webhook',
                instance: 'w:8082',
                severity: 'critical',
                component: 'adf',
              },
              exp_annotations: {
                summary: 'adf-webhook at w:8082 does not answer',
                description:
                  'Prometheus could not scrape it for two minutes. Whatever it would have found, nobody is told.',
                runbook_url: `${prefix}/operations.md#adfdown`,
              },
            },
          ],
        },
      ],
    })
    expect(
      testRules([of({}, 'docs'), of({ adf_docs: 'https://docs.example' }, 'https://docs.example')]),
    ).toContain('SUCCESS')
  })
})

/** The series of an alert at an instance that only it has. */
const at = (series: string, alert: string) => series.replace(/instance="[^"]*"/, `instance="${alert}"`)

const labelsText = (labels: Readonly<Record<string, string>>) =>
  `{${Object.entries(labels)
    .map(([key, value]) => `${key}="${value}"`)
    .join(', ')}}`
