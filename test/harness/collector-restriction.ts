import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'

const SECTIONS = ['receivers', 'processors', 'exporters', 'connectors', 'extensions'] as const
type Section = (typeof SECTIONS)[number]
type Components = Readonly<Record<Section, ReadonlySet<string>>>

const Settings = z.record(z.string(), z.unknown())
const Pipeline = z.record(z.string(), z.array(z.string()))
const CollectorConfig = z.looseObject({
  receivers: Settings,
  processors: Settings.default({}),
  exporters: Settings,
  connectors: Settings.default({}),
  extensions: Settings.default({}),
  service: z.looseObject({
    extensions: z.array(z.string()).default([]),
    pipelines: z.record(z.string(), Pipeline),
  }),
})
type CollectorConfig = z.infer<typeof CollectorConfig>

/** Which kinds of components a collector was built with, by itself. */
export function componentsOf(program: string): Components {
  const Listed = z.array(z.object({ name: z.string() })).nullish()
  const answer = z
    .looseObject(Object.fromEntries(SECTIONS.map((section) => [section, Listed])))
    .parse(parse(execFileSync(program, ['components'], { encoding: 'utf8' })))
  const names = (section: Section) => new Set((Listed.parse(answer[section]) ?? []).map(({ name }) => name))
  return {
    receivers: names('receivers'),
    processors: names('processors'),
    exporters: names('exporters'),
    connectors: names('connectors'),
    extensions: names('extensions'),
  }
}

/**
 * A configuration of the collector without what `has` does not have, and what that is (such as `receivers/filelog`). Pipelines
 * that are left without a receiver or an exporter go; undefined: nothing is left.
 */
export function restrictConfig(
  file: string,
  has: Components,
): { readonly config: CollectorConfig | undefined; readonly left: readonly string[] } {
  const whole = CollectorConfig.parse(parse(readFileSync(file, 'utf8')))
  const left: string[] = []
  const there = (section: Section, id: string) => has[section].has(id.split('/', 1)[0] ?? id)
  const only = (section: Section) =>
    Object.fromEntries(
      Object.entries(whole[section]).filter(([id]) => {
        if (there(section, id)) return true
        left.push(`${section}/${id}`)
        return false
      }),
    )
  const parts = {
    receivers: only('receivers'),
    processors: only('processors'),
    exporters: only('exporters'),
    connectors: only('connectors'),
    extensions: only('extensions'),
  }
  const pipelines = Object.entries(whole.service.pipelines).flatMap(([name, pipeline]) => {
    const { receivers = [], processors = [], exporters = [] } = pipeline
    const kept = {
      receivers: receivers.filter((id) => id in parts.receivers || id in parts.connectors),
      processors: processors.filter((id) => id in parts.processors),
      exporters: exporters.filter((id) => id in parts.exporters || id in parts.connectors),
    }
    return kept.receivers.length > 0 && kept.exporters.length > 0 ? [[name, kept] as const] : []
  })
  if (pipelines.length === 0) return { config: undefined, left }
  const extensions = whole.service.extensions.filter((id) => id in parts.extensions)
  return {
    config: {
      ...whole,
      ...parts,
      service: { ...whole.service, extensions, pipelines: Object.fromEntries(pipelines) },
    },
    left,
  }
}
