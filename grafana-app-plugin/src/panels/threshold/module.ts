import { PanelPlugin } from '@grafana/data'
import { panelOf } from '../frame.tsx'
import type { ThresholdPanelOptions } from './options.ts'

export const plugin = new PanelPlugin<ThresholdPanelOptions>(
  panelOf<ThresholdPanelOptions>('adf-threshold-panel', () => import('./panel.tsx')),
).setPanelOptions((builder) =>
  builder.addTextInput({ path: 'stream', name: 'Stream', defaultValue: 'service' }).addTextInput({
    path: 'entity',
    name: 'Entity',
    description: 'Its id, as the page Entities has it.',
    defaultValue: '',
  }),
)
