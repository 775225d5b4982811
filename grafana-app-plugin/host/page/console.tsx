import { css, cx } from '@emotion/css'
import { type AppPlugin, type GrafanaTheme2, type IconName, isIconName } from '@grafana/data'
import { Icon, IconButton, useStyles2, useTheme2 } from '@grafana/ui'
import { Suspense } from 'react'
import { Link, Navigate, Route, Routes, useLocation } from 'react-router-dom-v5-compat'
import { type Boot, chooseTheme } from './boot.ts'
import { ConfigPage } from './config-page.tsx'
import { PanelPage } from './panel-page.tsx'
import { PluginPage } from './plugin-page.tsx'
import { SourcePage } from './source-page.tsx'

/** The frame around the app: what it is, its pages, light or dark. */
export function Console({ boot, plugin }: { boot: Boot; plugin: AppPlugin }) {
  const styles = useStyles2(stylesOf)
  return (
    <div className={styles.frame}>
      <a className={styles.skip} href="#page">
        Skip to the page
      </a>
      <Banner boot={boot} />
      <Pages boot={boot} />
      <main id="page" className={styles.main} tabIndex={-1}>
        <Suspense fallback={<p>Loading…</p>}>
          <Routes>
            <Route path="/" element={<Navigate replace to="/a/adf-app" />} />
            <Route path="/incidents/:id" element={<OldLink />} />
            <Route path="/a/adf-app/*" element={<App plugin={plugin} />} />
            <Route path="/plugins/adf-app" element={<Settings plugin={plugin} />} />
            <Route path="/panels/:id" element={<PanelPage />} />
            <Route path="/explore" element={<SourcePage />} />
            <Route path="/connections/datasources/edit/adf" element={<ConfigPage />} />
            <Route path="*" element={<NotHere />} />
          </Routes>
        </Suspense>
      </main>
    </div>
  )
}

function Banner({ boot }: { boot: Boot }) {
  const styles = useStyles2(stylesOf)
  const { isDark } = useTheme2()
  const other = isDark ? 'light' : 'dark'
  return (
    <header className={styles.banner}>
      <strong>ADF console</strong>
      <span className={styles.what}>
        not Grafana
        <span className={styles.more}>
          : the pages of the Grafana app, without it · reads {boot.apiUrl} · version {boot.version}
        </span>
      </span>
      <IconButton
        name="palette"
        size="lg"
        aria-label={`Switch to ${other} colours`}
        tooltip={`Switch to ${other} colours`}
        onClick={() => {
          chooseTheme(other)
          location.reload()
        }}
      />
    </header>
  )
}

function Pages({ boot }: { boot: Boot }) {
  const styles = useStyles2(stylesOf)
  const { pathname } = useLocation()
  const current = boot.pages
    .filter(({ path }) => pathname === path || pathname.startsWith(`${path}/`))
    .sort((a, b) => b.path.length - a.path.length)[0]
  return (
    <nav className={styles.pages} aria-label="Pages">
      {boot.pages.map(({ name, path, icon }) => (
        <Link
          key={path}
          to={path}
          className={cx(styles.link, current?.path === path && styles.current)}
          aria-current={current?.path === path ? 'page' : undefined}
        >
          <Icon name={iconOf(icon)} /> {name}
        </Link>
      ))}
    </nav>
  )
}

const iconOf = (name: string): IconName => (isIconName(name) ? name : 'apps')

function App({ plugin }: { plugin: AppPlugin }) {
  const { pathname } = useLocation()
  const Root = plugin.root
  if (Root === undefined) return null
  return <Root meta={plugin.meta} basename="/a/adf-app" path={pathname} query={{}} onNavChanged={() => {}} />
}

function Settings({ plugin }: { plugin: AppPlugin }) {
  const page = plugin.configPages?.[0]
  if (page === undefined) return null
  const Body = page.body
  return (
    <PluginPage pageNav={{ text: page.title }}>
      <Body plugin={plugin} query={{}} />
    </PluginPage>
  )
}

/** Alerts of an ADF whose `deliver.external_url` is the console's root. */
function OldLink() {
  const { pathname, search } = useLocation()
  return <Navigate replace to={`/a/adf-app${pathname}${search}`} />
}

const NotHere = () => (
  <PluginPage pageNav={{ text: 'There is no such page' }}>
    <p>
      The console has only the pages of the ADF app. <Link to="/a/adf-app">Go to the overview</Link>
    </p>
  </PluginPage>
)

const stylesOf = (theme: GrafanaTheme2) => ({
  frame: css({
    display: 'grid',
    gridTemplate: '"banner banner" auto "pages main" 1fr / 176px minmax(0, 1fr)',
    minHeight: '100vh',
    background: theme.colors.background.canvas,
    [theme.breakpoints.down('md')]: {
      gridTemplate: '"banner" auto "pages" auto "main" 1fr / minmax(0, 1fr)',
    },
  }),
  skip: css({ position: 'absolute', left: -9999, '&:focus': { left: theme.spacing(1), zIndex: 2 } }),
  banner: css({
    gridArea: 'banner',
    display: 'flex',
    alignItems: 'center',
    gap: theme.spacing(2),
    padding: theme.spacing(1, 2),
    borderBottom: `1px solid ${theme.colors.border.weak}`,
    background: theme.colors.background.primary,
  }),
  what: css({ flex: 1, color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
  more: css({ [theme.breakpoints.down('md')]: { display: 'none' } }),
  pages: css({
    gridArea: 'pages',
    display: 'flex',
    flexDirection: 'column',
    gap: theme.spacing(0.5),
    padding: theme.spacing(2, 1),
    borderRight: `1px solid ${theme.colors.border.weak}`,
    background: theme.colors.background.primary,
    [theme.breakpoints.down('md')]: { flexDirection: 'row', flexWrap: 'wrap', padding: theme.spacing(0.5) },
  }),
  link: css({
    display: 'flex',
    alignItems: 'center',
    gap: theme.spacing(1),
    padding: theme.spacing(0.75, 1),
    borderRadius: theme.shape.radius.default,
    color: theme.colors.text.primary,
    '&:hover': { background: theme.colors.action.hover },
  }),
  current: css({ background: theme.colors.action.selected, fontWeight: theme.typography.fontWeightMedium }),
  main: css({ gridArea: 'main', minWidth: 0, '&:focus': { outline: 'none' } }),
})
