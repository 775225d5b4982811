import { routes } from '@adf/contract'
import { federationRoutes } from '@adf/contract/federation'
import { feedbackRoutes } from '@adf/contract/feedback'
import { Alert, Button } from '@grafana/ui'
import { useState } from 'react'
import { ask } from '../data/ask.ts'
import { grafanaSend } from '../data/grafana-send.ts'
import type { Send } from '../data/send.ts'
import { stateLine } from '../overview/state-line.ts'
import { type Respondent, RespondentContext, Trouble } from '../states/trouble.tsx'
import { say } from '../text/say.ts'

/** `problems`: it answers, and yet something keeps it from its work. */
type Outcome =
  | { readonly error: Error }
  | { readonly title: string; readonly text: string; readonly problems?: readonly string[] }
type Tested = readonly (readonly [Respondent, Outcome])[]

const toWebhook: Send = (request) => grafanaSend({ ...request, path: `webhook/${request.path}` })
const toFederation: Send = (request) => grafanaSend({ ...request, path: `federation/${request.path}` })

const testProcessor = async (): Promise<Outcome> => {
  const status = await ask(grafanaSend, routes.getStatus)
  const title = say('settings.works', 'ADF {{version}} answers', { version: status.version })
  return { title, text: stateLine(status) }
}

const testWebhook = async (): Promise<Outcome> => {
  const { version, processors, alertmanagers, notifications } = await ask(
    toWebhook,
    feedbackRoutes.getFeedbackStatus,
  )
  const cut = [...processors, ...alertmanagers].filter(({ reachable }) => !reachable)
  return {
    title: say('settings.webhook-works', 'The Alertmanager webhook {{version}} answers', { version }),
    text: say('settings.webhook-state', 'Notifications so far: {{count}}.', { count: notifications }),
    problems: [
      ...(processors.length === 0
        ? [
            say(
              'settings.webhook-alone',
              'It knows no processor, so that it tunes nothing: name yours below processors in its configuration.',
            ),
          ]
        : []),
      ...cut.map(({ url, error }) =>
        say('settings.webhook-cut', 'It does not reach {{url}}: {{error}}', {
          url,
          error: error ?? say('settings.no-reason', 'without a reason'),
        }),
      ),
    ],
  }
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
export function TestConnection({ webhook, federation }: { webhook: boolean; federation: boolean }) {
  const [tested, setTested] = useState<Tested | 'pending'>([])
  const run = async () => {
    setTested('pending')
    const tests: [Respondent, () => Promise<Outcome>][] = [['processor', testProcessor]]
    if (webhook) tests.push(['webhook', testWebhook])
    if (federation) tests.push(['federation', testFederation])
    setTested(await Promise.all(tests.map(async ([who, test]) => [who, await outcome(test)] as const)))
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
                <Found outcome={found} />
              </RespondentContext>
            ))}
      </div>
    </>
  )
}

function Found({ outcome: found }: { outcome: Outcome }) {
  if ('error' in found) return <Trouble error={found.error} />
  const { title, text, problems = [] } = found
  return (
    <Alert severity={problems.length === 0 ? 'success' : 'warning'} title={title}>
      {text}
      {problems.map((problem) => (
        <div key={problem}>{problem}</div>
      ))}
    </Alert>
  )
}
