import { Alert, Button, Stack } from '@grafana/ui'
import { createContext, useContext } from 'react'
import { AskError, type AskErrorKind } from '../data/ask-error.ts'
import { say } from '../text/say.ts'

/** Who answers the questions of a part of a page: the processor unless said otherwise. */
export type Respondent = 'processor' | 'webhook' | 'federation'
export const RespondentContext = createContext<Respondent>('processor')

interface Advice {
  readonly title: string
  readonly advice: string
}

/** What happened and what to do, for the person who is stuck. */
const adviceOf = (kind: AskErrorKind, who: Respondent): Advice =>
  (who === 'federation' ? ofFederation(kind) : who === 'webhook' ? ofWebhook(kind) : undefined) ??
  ofProcessor(kind)

/** Where it is another matter than with the processor. */
function ofWebhook(kind: AskErrorKind): Advice | undefined {
  switch (kind) {
    case 'unreachable':
      return {
        title: say('trouble.webhook-away.title', 'The Alertmanager webhook does not answer'),
        advice: say(
          'trouble.webhook-away.advice',
          'Is it running, and is its address in the settings right? Thresholds hold as they are; Alertmanager sends again what the webhook misses.',
        ),
      }
    case 'unauthenticated':
      return {
        title: say('trouble.webhook-token.title', 'The Alertmanager webhook does not know this token'),
        advice: say(
          'trouble.webhook-token.advice',
          'Put a token of the webhook with the scope read, and admin to freeze the tuner, into the settings (adf token makes one).',
        ),
      }
    default:
      return undefined
  }
}

/** The same. */
function ofFederation(kind: AskErrorKind): Advice | undefined {
  switch (kind) {
    case 'unreachable':
      return {
        title: say('trouble.federation-away.title', 'The federation server does not answer'),
        advice: say(
          'trouble.federation-away.advice',
          'Is it running, and is its address in the settings right? Sites go on with the model that they have, and keep what they learned until it is back.',
        ),
      }
    case 'unauthenticated':
      return {
        title: say('trouble.federation-token.title', 'The federation server does not know this token'),
        advice: say(
          'trouble.federation-token.advice',
          'Put a token of the federation server with the scope read, and admin for reviews, into the settings (adf token makes one).',
        ),
      }
    default:
      return undefined
  }
}

function ofProcessor(kind: AskErrorKind): Advice {
  switch (kind) {
    case 'unreachable':
      return {
        title: say('trouble.unreachable.title', 'The ADF processor does not answer'),
        advice: say(
          'trouble.unreachable.advice',
          'Is it running, and is its address in the settings right? Telemetry is not lost: the collector keeps it until ADF is back.',
        ),
      }
    case 'unauthenticated':
      return {
        title: say('trouble.unauthenticated.title', 'ADF does not know this token'),
        advice: say(
          'trouble.unauthenticated.advice',
          'Put a token with the scopes read and feedback into the settings (adf token makes one).',
        ),
      }
    case 'forbidden':
      return {
        title: say('trouble.forbidden.title', 'This is not allowed to you'),
        advice: say(
          'trouble.forbidden.advice',
          'Your role, or the token in the settings, does not cover it. Ask who runs ADF here.',
        ),
      }
    case 'not_found':
      return {
        title: say('trouble.not-found.title', 'ADF does not have this'),
        advice: say(
          'trouble.not-found.advice',
          'It may be older than what ADF keeps, or the link belongs to another ADF.',
        ),
      }
    case 'busy':
      return {
        title: say('trouble.busy.title', 'ADF cannot answer just now'),
        advice: say(
          'trouble.busy.advice',
          'It is starting, stopping or overloaded. This page tries again by itself.',
        ),
      }
    case 'not_understood':
      return {
        title: say('trouble.not-understood.title', 'ADF answered something that this app cannot read'),
        advice: say(
          'trouble.not-understood.advice',
          'The app and the processor are probably of different versions: bring the older one up to date.',
        ),
      }
    case 'rejected':
    case 'failed':
      return {
        title: say('trouble.failed.title', 'ADF could not do this'),
        advice: say('trouble.failed.advice', 'Nothing was changed. Its log has more.'),
      }
  }
}

/** An error in plain words, with what was said by whom below. `children` stand between: what is safe, what was kept. */
export function Trouble(props: { error: Error; retry?: () => void; children?: React.ReactNode }) {
  const { error, retry, children } = props
  const who = useContext(RespondentContext)
  const { title, advice } =
    error instanceof AskError
      ? adviceOf(error.kind, who)
      : { title: say('trouble.title', 'Something went wrong in this page'), advice: '' }
  return (
    <Alert severity="error" title={title}>
      <Stack direction="column" gap={1} alignItems="flex-start">
        {advice === '' ? null : <span>{advice}</span>}
        {children}
        <small>{error.message}</small>
        {retry === undefined ? null : (
          <Button size="sm" variant="secondary" onClick={retry}>
            {say('trouble.retry', 'Try again')}
          </Button>
        )}
      </Stack>
    </Alert>
  )
}

/** Above what was read before: it is old, and why. */
export function Stale({ error, since }: { error: Error; since: string }) {
  const who = useContext(RespondentContext)
  return (
    <Alert
      severity="warning"
      title={say('trouble.stale', 'Not up to date: this is from {{since}}', { since })}
    >
      {error instanceof AskError ? `${adviceOf(error.kind, who).title}. ${error.message}` : error.message}
    </Alert>
  )
}
