import { PanelPlugin } from '@grafana/data'
import { panelOf } from '../frame.tsx'
import type { TimelinePanelOptions } from './options.ts'

export const plugin = new PanelPlugin<TimelinePanelOptions>(
  panelOf<TimelinePanelOptions>('adf-timeline-panel', () => import('./panel.tsx')),
).setPanelOptions((builder) =>
  builder.addNumberInput({
    path: 'most',
    name: 'Lines at most',
    description: 'Of the anomalies of a time; those of an incident are all shown.',
    defaultValue: 20,
    settings: { min: 1, max: 200, integer: true },
  }),
)
