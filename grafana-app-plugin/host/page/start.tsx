import { injectGlobal } from '@emotion/css'
import {
  AppPlugin,
  createTheme,
  EventBusSrv,
  PluginContextProvider,
  type PluginMeta,
  standardEditorsRegistry,
  standardFieldConfigEditorRegistry,
  standardTransformersRegistry,
  ThemeContext,
} from '@grafana/data'
import {
  LocationServiceProvider,
  locationService,
  setAppEvents,
  setBackendSrv,
  setEchoSrv,
  setPluginComponentsHook,
  setPluginLinksHook,
  setTemplateSrv,
  type TemplateSrv,
} from '@grafana/runtime'
import { GlobalStyles, PortalContainer } from '@grafana/ui'
import i18next from 'i18next'
import { createRoot } from 'react-dom/client'
import { Router } from 'react-router-dom'
import { CompatRouter } from 'react-router-dom-v5-compat'
import chart from 'uplot/dist/uPlot.min.css'
import { backend } from './backend.ts'
import { type Boot, readBoot, theme } from './boot.ts'
import { Console } from './console.tsx'
import { loadPlugin } from './shared-modules.ts'

/** Sets up what Grafana sets up before it shows an app, loads the app's module, and shows it. */
export async function start(): Promise<void> {
  const boot = readBoot(document)
  await i18next.init({ resources: {}, lng: 'en-US', returnEmptyString: false })
  services()
  const meta = await backend.get<PluginMeta & { module: string }>('/api/plugins/adf-app/settings')
  const { plugin } = await loadPlugin(new URL(meta.module, location.origin).href)
  if (!(plugin instanceof AppPlugin)) throw new Error(`${meta.module} is no app`)
  plugin.meta = meta
  plugin.init(meta)
  show(boot, plugin)
}

function services(): void {
  // Grafana's own stylesheet has it.
  injectGlobal(chart)
  injectGlobal({ body: { margin: 0 }, '*, *::before, *::after': { boxSizing: 'border-box' } })
  setBackendSrv(backend)
  setAppEvents(new EventBusSrv())
  setEchoSrv({ flush() {}, addBackend() {}, addEvent() {}, onInteraction: () => () => {} })
  setPluginLinksHook(() => ({ links: [], isLoading: false }))
  setPluginComponentsHook(() => ({ components: [], isLoading: false }))
  setTemplateSrv(templates)
  standardEditorsRegistry.setInit(() => EDITORS.map((id) => ({ id, name: id, editor: () => null })))
  standardFieldConfigEditorRegistry.setInit(() => [])
  standardTransformersRegistry.setInit(() => [])
}

/** Editors that options of panels name; the console edits none. */
const EDITORS = ['text', 'number', 'boolean', 'radio']

/** Grafana's variables, of which the console has none. */
const templates: TemplateSrv = {
  getVariables: () => [],
  replace: (text = '') => text,
  containsTemplate: () => false,
  updateTimeRange: () => {},
}

function show(boot: Boot, plugin: AppPlugin): void {
  const place = document.getElementById('console')
  if (place === null) throw new Error('the page has no place for the console')
  createRoot(place).render(
    <ThemeContext.Provider value={createTheme({ colors: { mode: theme() } })}>
      <GlobalStyles />
      <LocationServiceProvider service={locationService}>
        <Router history={locationService.getHistory()}>
          <CompatRouter>
            <PluginContextProvider meta={plugin.meta}>
              <Console boot={boot} plugin={plugin} />
            </PluginContextProvider>
            <PortalContainer />
          </CompatRouter>
        </Router>
      </LocationServiceProvider>
    </ThemeContext.Provider>,
  )
}
