import { join } from 'node:path'
import { type Configuration, rspack } from '@rspack/core'
import { code, folder, resolve } from './settings.ts'

/** The console's page: what Grafana would have around the app, in `dist/host/`. */
export const host: Configuration = {
  name: 'host',
  mode: 'production',
  target: ['web', 'es2022'],
  devtool: false,
  context: join(folder, 'host/page'),
  entry: { console: './main.ts' },
  output: {
    path: join(folder, 'dist/host'),
    filename: '[name].js',
    chunkFilename: '[contenthash:20].js',
    publicPath: '/console/',
    uniqueName: 'adf-console',
    clean: true,
  },
  resolve: {
    ...resolve,
    alias: {
      // Editors of code and maps: Grafana's parts name them, no page of ours shows them.
      'monaco-editor': false,
      '@monaco-editor/react': false,
    },
  },
  module: {
    rules: [
      code,
      // Grafana's own modules name files of `ol` without their extension.
      { test: /\.m?js$/, resolve: { fullySpecified: false } },
      { test: /\.(svg|png|woff2?)$/, type: 'asset/resource' },
      { test: /\.css$/, type: 'asset/source' },
    ],
  },
  plugins: [
    new rspack.DefinePlugin({ 'process.env.NODE_ENV': JSON.stringify('production') }),
    new rspack.CopyRspackPlugin({
      patterns: [
        { from: join(folder, '../node_modules/@grafana/ui/dist/public/img'), to: 'img' },
        { from: join(folder, 'host/page/img'), to: 'img' },
      ],
    }),
  ],
  performance: false,
}
