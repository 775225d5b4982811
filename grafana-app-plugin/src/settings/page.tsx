import type { AppPluginMeta, PluginConfigPageProps } from '@grafana/data'
import { getBackendSrv, isFetchError } from '@grafana/runtime'
import { Alert, Button, Field, Input, SecretInput, Stack } from '@grafana/ui'
import { useState } from 'react'
import type { AppSettings } from '../app/settings.ts'
import { say } from '../text/say.ts'
import { TestConnection } from './test-connection.tsx'

type Saving =
  | { readonly state: 'idle' | 'pending' | 'saved' }
  | { readonly state: 'failed'; readonly why: string }

/** Where the processor, the webhook and the federation server are, their tokens, and the tracing data source. */
export default function SettingsPage({ plugin }: PluginConfigPageProps<AppPluginMeta<AppSettings>>) {
  const { meta } = plugin
  const processor = useUpstream(meta, 'apiUrl', 'apiToken')
  const webhook = useUpstream(meta, 'webhookUrl', 'webhookToken')
  const federation = useUpstream(meta, 'federationUrl', 'federationToken')
  const upstreams = [processor, webhook, federation]
  const [tracingUid, setTracingUid] = useState(meta.jsonData?.tracingUid ?? '')
  const [saving, setSaving] = useState<Saving>({ state: 'idle' })
  const valid = upstreams.every(({ url }) => isAddress(url))

  const save = async () => {
    setSaving({ state: 'pending' })
    const data = {
      enabled: true,
      pinned: true,
      jsonData: {
        ...Object.fromEntries(upstreams.map(({ urlName, url }) => [urlName, url.replace(/\/+$/, '')])),
        tracingUid: tracingUid.trim(),
      },
      secureJsonData: Object.fromEntries(
        upstreams.flatMap(({ tokenName, token }) => (token === '' ? [] : [[tokenName, token]])),
      ),
    }
    try {
      await getBackendSrv().post(`/api/plugins/${meta.id}/settings`, data, { showErrorAlert: false })
      for (const { saved } of upstreams) saved()
      setSaving({ state: 'saved' })
    } catch (error) {
      setSaving({ state: 'failed', why: reasonOf(error) })
    }
  }
  return (
    <form
      style={{ maxWidth: 640 }}
      onSubmit={(event) => {
        event.preventDefault()
        if (valid) save()
      }}
    >
      <Upstream
        id="adf"
        of={processor}
        label={say('settings.url', 'Address of the ADF processor')}
        description={say('settings.url-hint', 'As Grafana reaches it, such as http://adf:8080')}
        tokenLabel={say('settings.token', 'Token')}
        tokenDescription={say(
          'settings.token-hint',
          'With the scopes read and feedback, and admin for thresholds (adf token makes one); empty where ADF needs none',
        )}
      />
      <Upstream
        id="adf-webhook"
        of={webhook}
        label={say('settings.webhook-url', 'Address of the Alertmanager webhook (optional)')}
        description={say(
          'settings.webhook-url-hint',
          'Where the threshold tuner is, such as http://adf:8082',
        )}
        tokenLabel={say('settings.webhook-token', 'Token of the webhook')}
        tokenDescription={say('settings.webhook-token-hint', 'Empty where it needs none')}
      />
      <Upstream
        id="adf-federation"
        of={federation}
        label={say('settings.federation-url', 'Address of the federation server (optional)')}
        description={say(
          'settings.federation-url-hint',
          'Where models of several sites are trained together, such as http://adf-federation:8081',
        )}
        tokenLabel={say('settings.federation-token', 'Token of the federation server')}
        tokenDescription={say(
          'settings.federation-token-hint',
          'With the scope read, and admin to release and reject updates; empty where it needs none',
        )}
      />
      <Field
        label={say('settings.tracing', 'UID of the tracing data source (optional)')}
        description={say('settings.tracing-hint', 'Tempo or Jaeger: the traces of an incident open there')}
        htmlFor="adf-tracing"
      >
        <Input
          id="adf-tracing"
          value={tracingUid}
          onChange={(event) => setTracingUid(event.currentTarget.value)}
        />
      </Field>
      <Stack direction="column" gap={2} alignItems="flex-start">
        <Button type="submit" disabled={!valid || saving.state === 'pending'}>
          {say('settings.save', 'Save')}
        </Button>
        <div role="status">
          {saving.state === 'saved'
            ? say('settings.saved', 'Saved. Reload the page for it to hold everywhere.')
            : null}
        </div>
        {saving.state === 'failed' ? (
          <Alert severity="error" title={say('settings.not-saved', 'This was not saved')}>
            {saving.why}
          </Alert>
        ) : null}
        <TestConnection webhook={webhook.url !== ''} federation={federation.url !== ''} />
      </Stack>
    </form>
  )
}

const isAddress = (text: string): boolean => text === '' || /^https?:$/.test(URL.parse(text)?.protocol ?? '')

/** Address and token of one service: what is typed, and whether a token is kept already. */
function useUpstream(meta: AppPluginMeta<AppSettings>, urlName: UrlName, tokenName: string) {
  const [url, setUrl] = useState(meta.jsonData?.[urlName] ?? '')
  const [token, setToken] = useState('')
  const [hasToken, setHasToken] = useState(meta.secureJsonFields?.[tokenName] === true)
  const saved = () => {
    if (token !== '') setHasToken(true)
    setToken('')
  }
  return { urlName, tokenName, url, setUrl, token, setToken, hasToken, setHasToken, saved }
}

type UrlName = 'apiUrl' | 'webhookUrl' | 'federationUrl'

function Upstream(props: {
  id: string
  of: ReturnType<typeof useUpstream>
  label: string
  description: string
  tokenLabel: string
  tokenDescription: string
}) {
  const { id, of, label, description, tokenLabel, tokenDescription } = props
  return (
    <>
      <Address id={`${id}-url`} label={label} description={description} value={of.url} set={of.setUrl} />
      <Field label={tokenLabel} description={tokenDescription} htmlFor={`${id}-token`}>
        <SecretInput
          id={`${id}-token`}
          isConfigured={of.hasToken}
          value={of.token}
          onReset={() => of.setHasToken(false)}
          onChange={(event) => of.setToken(event.currentTarget.value)}
        />
      </Field>
    </>
  )
}

function Address(props: {
  id: string
  label: string
  description: string
  value: string
  set: (value: string) => void
}) {
  const { id, label, description, value, set } = props
  const valid = isAddress(value)
  return (
    <Field
      label={label}
      description={description}
      htmlFor={id}
      invalid={!valid}
      error={
        valid
          ? undefined
          : say('settings.url-invalid', 'Give an address that begins with http:// or https://')
      }
    >
      <Input id={id} value={value} onChange={(event) => set(event.currentTarget.value)} />
    </Field>
  )
}

function reasonOf(error: unknown): string {
  if (isFetchError(error)) {
    const { detail, message } = { detail: undefined, message: undefined, ...Object(error.data) }
    return String(detail ?? message ?? error.status)
  }
  return error instanceof Error ? error.message : String(error)
}
