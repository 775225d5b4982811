import { detectors } from './detectors.ts'
import { federation } from './federation.ts'
import { health } from './health.ts'
import { host } from './host.ts'
import { incident } from './incident.ts'
import { overview } from './overview.ts'
import { slo } from './slo.ts'
import { streams } from './streams.ts'

/** All dashboards, by the name of their file. */
export const dashboards = { overview, incident, host, detectors, streams, federation, slo, health } as const
