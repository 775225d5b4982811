import { PanelPlugin } from '@grafana/data'
import { panelOf } from '../frame.tsx'
import type { GraphPanelOptions } from './options.ts'

export const plugin = new PanelPlugin<GraphPanelOptions>(
  panelOf<GraphPanelOptions>('adf-graph-panel', () => import('./panel.tsx')),
)
  .setNoPadding()
  .setPanelOptions((builder) =>
    builder
      .addTextInput({
        path: 'focus',
        name: 'Service in focus',
        description: 'Its id; empty: none. What it neither calls nor is called by is dimmed.',
        defaultValue: '',
      })
      .addRadio({
        path: 'view',
        name: 'View',
        defaultValue: 'drawing',
        settings: {
          options: [
            { value: 'drawing', label: 'Drawing' },
            { value: 'table', label: 'Table' },
          ],
        },
      })
      .addBooleanSwitch({ path: 'legend', name: 'Legend', defaultValue: true }),
  )
