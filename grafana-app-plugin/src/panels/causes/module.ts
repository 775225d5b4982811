import { PanelPlugin } from '@grafana/data'
import { panelOf } from '../frame.tsx'
import type { CausesPanelOptions } from './options.ts'

export const plugin = new PanelPlugin<CausesPanelOptions>(
  panelOf<CausesPanelOptions>('adf-causes-panel', () => import('./panel.tsx')),
).setPanelOptions((builder) =>
  builder
    .addNumberInput({
      path: 'most',
      name: 'Causes at most',
      defaultValue: 3,
      settings: { min: 1, max: 50, integer: true },
    })
    .addBooleanSwitch({ path: 'statement', name: 'Conclusion above them', defaultValue: true }),
)
