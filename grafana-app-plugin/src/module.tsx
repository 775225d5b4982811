import { AppPlugin, type AppRootProps } from '@grafana/data'
import { initPluginTranslations } from '@grafana/i18n'
import { lazy, Suspense } from 'react'
import { extensionLinks } from './app/extension-links.ts'
import type { AppSettings } from './app/settings.ts'

/** Before the first text is shown. */
const translated = () => initPluginTranslations('adf-app')

const App = lazy(async () => {
  const [{ App }] = await Promise.all([import('./app/app.tsx'), translated()])
  return { default: App }
})
const Settings = lazy(async () => {
  const [page] = await Promise.all([import('./settings/page.tsx'), translated()])
  return page
})

const Root = (props: AppRootProps) => (
  <Suspense fallback={null}>
    <App {...props} />
  </Suspense>
)

export const plugin = new AppPlugin<AppSettings>().setRootPage(Root).addConfigPage({
  title: 'Settings',
  icon: 'cog',
  body: Settings,
  id: 'settings',
})

for (const link of extensionLinks) plugin.addLink(link)
