import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort, run, temporaryFolder, until } from './process.ts'
import { findServer } from './servers.ts'

/** A real Prometheus on a free port that scrapes `targets` (host:port, by job) every second and evaluates `rules` (YAML). */
export async function startPrometheus({
  targets,
  rules = 'groups: []\n',
}: {
  targets: Readonly<Record<string, string>>
  rules?: string
}) {
  const program = findServer('prometheus')
  if (program === undefined) throw new Error('prometheus is not installed')
  const folder = temporaryFolder()
  const port = await freePort()
  writeFileSync(join(folder.path, 'rules.yml'), rules)
  writeFileSync(
    join(folder.path, 'prometheus.yml'),
    [
      'global: { scrape_interval: 1s, evaluation_interval: 1s }',
      'rule_files: [rules.yml]',
      'scrape_configs:',
      ...Object.entries(targets).map(
        ([job, target]) => `  - { job_name: ${job}, static_configs: [{ targets: ['${target}'] }] }`,
      ),
      '',
    ].join('\n'),
  )
  const server = run(program, [
    `--config.file=${join(folder.path, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder.path, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ])
  const url = `http://127.0.0.1:${port}`
  await until(`Prometheus at ${url}`, async () => (await fetch(`${url}/-/ready`)).ok)
  const get = async (path: string): Promise<unknown> => (await fetch(`${url}${path}`)).json()
  return {
    url,
    /** `data` of an answer of the HTTP API, such as `/api/v1/labels`. */
    ask: async (path: string): Promise<unknown> => {
      const answer = (await get(path)) as { status: string; data: unknown; error?: string }
      if (answer.status !== 'success') throw new Error(`${path}: ${answer.error}`)
      return answer.data
    },
    /** Instant query; the answer's `data.result`. */
    query: async (
      expression: string,
    ): Promise<{ metric: Record<string, string>; value: [number, string] }[]> => {
      const answer = (await get(`/api/v1/query?query=${encodeURIComponent(expression)}`)) as {
        data: { result: { metric: Record<string, string>; value: [number, string] }[] }
      }
      return answer.data.result
    },
    alerts: async (): Promise<{ labels: Record<string, string>; state: string }[]> => {
      const answer = (await get('/api/v1/alerts')) as {
        data: { alerts: { labels: Record<string, string>; state: string }[] }
      }
      return answer.data.alerts
    },
    stop: async () => {
      await server.stop()
      folder.remove()
    },
  }
}
