import { routes } from '@adf/contract'
import { federationRoutes } from '@adf/contract/federation'
import { Alert, Button } from '@grafana/ui'
import { useState } from 'react'
import { ask } from '../data/ask.ts'
import { grafanaSend } from '../data/grafana-send.ts'
import type { Send } from '../data/send.ts'
import { stateLine } from '../overview/state-line.ts'
import { type Respondent, RespondentContext, Trouble } from '../states/trouble.tsx'
import { say } from '../text/say.ts'

type Outcome = { readonly error: Error } | { readonly title: string; readonly text: string }
type Tested = readonly (readonly [Respondent, Outcome])[]

const toFederation: Send = (request) => grafanaSend({ ...request, path: `federation/${request.path}` })

const testProcessor = async (): Promise<Outcome> => {
  const status = await ask(grafanaSend, routes.getStatus)
  const title = say('settings.works', 'ADF {{version}} answers', { version: status.version })
  return { title, text: stateLine(status) }
}

const testFederation = async (): Promise<Outcome> => {
  const { version, runs, clients } = await ask(toFederation, federationRoutes.getFederationStatus)
  return {
    title: say('settings.federation-works', 'The federation server {{version}} answers', { version }),
    text: say('settings.federation-state', 'Runs: {{runs}}. Clients that are enrolled: {{clients}}.', {
      runs: runs.map(({ run }) => run).join(', '),
      clients: clients.enrolled,
    }),
  }
}

const outcome = (test: () => Promise<Outcome>): Promise<Outcome> =>
  test().catch((error: unknown) => ({ error: error instanceof Error ? error : new Error(String(error)) }))

/** Asks those whose address is set, by the settings that are saved, whether they are well, and says what to do when one does not answer. */
export function TestConnection({ federation }: { federation: boolean }) {
  const [tested, setTested] = useState<Tested | 'pending'>([])
  const run = async () => {
    setTested('pending')
    const processor = outcome(testProcessor)
    const other = federation ? outcome(testFederation) : undefined
    setTested([
      ['processor', await processor],
      ...(other === undefined ? [] : [['federation', await other] as const]),
    ])
  }
  return (
    <>
      <Button type="button" variant="secondary" disabled={tested === 'pending'} onClick={run}>
        {say('settings.test', 'Test the saved connection')}
      </Button>
      <div aria-live="polite" style={{ width: '100%' }}>
        {tested === 'pending'
          ? null
          : tested.map(([who, found]) => (
              <RespondentContext key={who} value={who}>
                {'error' in found ? (
                  <Trouble error={found.error} />
                ) : (
                  <Alert severity="success" title={found.title}>
                    {found.text}
                  </Alert>
                )}
              </RespondentContext>
            ))}
      </div>
    </>
  )
}
