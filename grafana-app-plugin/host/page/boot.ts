/** What the console's server tells its page, as JSON in `<script id="boot">`: data, so that the page needs no inline code. */
export interface Boot {
  readonly version: string
  /** The processor's API, for people to read. */
  readonly apiUrl: string
  /** Name of the organisation's role that the console's user has. */
  readonly role: 'Viewer' | 'Editor' | 'Admin'
  readonly permissions: readonly string[]
  readonly pages: readonly { readonly name: string; readonly path: string; readonly icon: string }[]
}

declare global {
  interface Window {
    grafanaBootData: unknown
    __grafana_public_path__: string
  }
}

const THEME = 'adf-console-theme'
export type Theme = 'light' | 'dark'

export function readBoot(page: Document): Boot {
  const text = page.getElementById('boot')?.textContent
  if (text === undefined || text === null) throw new Error('the page has no boot data')
  return JSON.parse(text) as Boot
}

/** What the person chose, else what the system prefers. */
export function theme(): Theme {
  const chosen = localStorage.getItem(THEME)
  if (chosen === 'light' || chosen === 'dark') return chosen
  return matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark'
}

export const chooseTheme = (next: Theme) => localStorage.setItem(THEME, next)

/** Puts Grafana's boot data where `@grafana/runtime` looks for them. */
export function applyBoot(boot: Boot): void {
  window.__grafana_public_path__ = '/public/'
  window.grafanaBootData = {
    user: {
      id: 1,
      login: 'console',
      name: 'console',
      isSignedIn: true,
      orgId: 1,
      orgName: 'console',
      orgRole: boot.role,
      theme: theme(),
      language: 'en-US',
      regionalFormat: 'en-US',
      timezone: 'browser',
      weekStart: 'browser',
      permissions: Object.fromEntries(boot.permissions.map((action) => [action, true])),
    },
    settings: {
      appSubUrl: '',
      buildInfo: { version: '13.2.2', env: 'production', edition: 'Open Source', commit: '', buildstamp: 0 },
      dateFormats: {
        fullDate: 'YYYY-MM-DD HH:mm:ss',
        interval: {
          millisecond: 'HH:mm:ss.SSS',
          second: 'HH:mm:ss',
          minute: 'HH:mm',
          hour: 'MM-DD HH:mm',
          day: 'MM-DD',
          month: 'YYYY-MM',
          year: 'YYYY',
        },
        useBrowserLocale: false,
        defaultTimezone: 'browser',
        defaultWeekStart: 'browser',
      },
      featureToggles: {},
      apps: {},
      panels: {},
      datasources: {},
      defaultDatasource: '',
      theme: {},
    },
    navTree: [],
    themePaths: { light: '', dark: '' },
  }
}
