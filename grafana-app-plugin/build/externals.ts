/**
 * Modules that Grafana shares with its plugins, so that a plugin does not carry them (as in @grafana/create-plugin's bundler
 * configuration). The console registers each of them (host/page/shared-modules.ts).
 */
export const SHARED_MODULES = [
  '@emotion/css',
  '@emotion/react',
  '@grafana/data',
  '@grafana/runtime',
  '@grafana/ui',
  'i18next',
  'react',
  'react/jsx-runtime',
  'react-dom',
  'react-dom/client',
  'react-router',
  'rxjs',
] as const
