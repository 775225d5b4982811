import type { AppRootProps } from '@grafana/data'
import { LoadingPlaceholder } from '@grafana/ui'
import { lazy, Suspense } from 'react'
import { Route, Routes, useLocation } from 'react-router'
import { z } from 'zod'
import { grafanaSend } from '../data/grafana-send.ts'
import { createQueryClient, DataProvider } from '../data/provider.tsx'
import { useLive } from '../data/useLive.ts'
import { IncidentPage } from '../incident/page.tsx'
import { OverviewPage } from '../overview/page.tsx'
import { Boundary } from '../states/boundary.tsx'
import { OneClock } from '../states/one-clock.tsx'
import { say } from '../text/say.ts'

// Compiled validators need eval, which a strict policy forbids.
z.config({ jitless: true })

const GraphPage = lazy(() => import('../graph/page.tsx'))
const IncidentsPage = lazy(() => import('../incidents/page.tsx'))
const AnomaliesPage = lazy(() => import('../anomalies/page.tsx'))
const EntitiesPage = lazy(() => import('../entities/page.tsx'))
const ObjectivesPage = lazy(() => import('../objectives/page.tsx'))
const ThresholdsPage = lazy(() => import('../thresholds/page.tsx'))
const FederationPage = lazy(() => import('../federation/page.tsx'))
const EntityPage = lazy(() => import('../entities/entity-page.tsx'))

const client = createQueryClient()

/** The pages, by their address below `/a/adf-app`. */
export function App(_: AppRootProps) {
  const { pathname } = useLocation()
  return (
    <DataProvider send={grafanaSend} client={client}>
      <Live />
      <Boundary page={pathname}>
        <OneClock>
          <Suspense fallback={<LoadingPlaceholder text={say('app.loading', 'Loading the page …')} />}>
            <Routes>
              <Route path="incidents" element={<IncidentsPage />} />
              <Route path="incidents/:id" element={<IncidentPage />} />
              <Route path="graph" element={<GraphPage />} />
              <Route path="anomalies" element={<AnomaliesPage />} />
              <Route path="objectives" element={<ObjectivesPage />} />
              <Route path="thresholds" element={<ThresholdsPage />} />
              <Route path="federation" element={<FederationPage />} />
              <Route path="entities" element={<EntitiesPage />} />
              <Route path="entities/:id" element={<EntityPage />} />
              <Route path="*" element={<OverviewPage />} />
            </Routes>
          </Suspense>
        </OneClock>
      </Boundary>
    </DataProvider>
  )
}

function Live() {
  useLive()
  return null
}
