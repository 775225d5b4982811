import { t } from '@grafana/i18n'

/** Text of the app in the reader's language. React escapes what it shows: the names in `values` must stay as they are. */
export const say = (
  id: string,
  english: string,
  values: Readonly<Record<string, string | number>> = {},
): string => t(id, english, { ...values, interpolation: { escapeValue: false } })
