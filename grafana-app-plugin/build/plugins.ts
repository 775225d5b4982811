import { plugin } from './plugin.ts'

/** The app, and the plugins within it: a data source and panels. */
export const plugins = [
  plugin('adf-app'),
  plugin('adf-datasource', 'datasource'),
  plugin('adf-graph-panel', 'panels/graph'),
  plugin('adf-causes-panel', 'panels/causes'),
  plugin('adf-timeline-panel', 'panels/timeline'),
  plugin('adf-threshold-panel', 'panels/threshold'),
]
