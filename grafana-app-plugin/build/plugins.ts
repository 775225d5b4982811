import { plugin } from './plugin.ts'

/** The app, and the plugins within it: a data source and panels. */
export const plugins = [plugin('adf-app'), plugin('adf-datasource', 'datasource')]
