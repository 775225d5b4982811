import 'systemjs/dist/system.js'
import 'systemjs/dist/extras/amd.js'
import 'systemjs/dist/extras/named-register.js'
import * as emotionCss from '@emotion/css'
import * as emotionReact from '@emotion/react'
import * as grafanaData from '@grafana/data'
import * as grafanaRuntime from '@grafana/runtime'
import * as grafanaUi from '@grafana/ui'
import i18next from 'i18next'
import * as react from 'react'
import * as jsxRuntime from 'react/jsx-runtime'
import * as reactDom from 'react-dom'
import * as reactDomClient from 'react-dom/client'
import * as reactRouter from 'react-router-dom-v5-compat'
import * as rxjs from 'rxjs'
import type { SHARED_MODULES } from '../../build/externals.ts'
import { PluginPage } from './plugin-page.tsx'

/** Beside the names of a module its default, which AMD code asks for under `default`. */
const shared: Record<(typeof SHARED_MODULES)[number], object> = {
  '@emotion/css': emotionCss,
  '@emotion/react': emotionReact,
  '@grafana/data': grafanaData,
  // Its setter for PluginPage is not exported.
  '@grafana/runtime': { ...grafanaRuntime, PluginPage },
  '@grafana/ui': grafanaUi,
  i18next: { ...i18next, default: i18next },
  react,
  'react/jsx-runtime': jsxRuntime,
  'react-dom': reactDom,
  'react-dom/client': reactDomClient,
  'react-router': reactRouter,
  rxjs,
}

/** Makes the shared modules known to SystemJS, and resolves to what `url` exports: as Grafana's plugin loader with its strategy "script". */
export async function loadPlugin(url: string): Promise<Record<string, unknown>> {
  const imports: Record<string, string> = {}
  for (const [name, module] of Object.entries(shared)) {
    imports[name] = `package:${name}`
    System.set(`package:${name}`, module)
  }
  System.addImportMap({ imports })
  return System.import(url)
}
