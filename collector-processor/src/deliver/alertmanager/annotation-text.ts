/**
 * One line of an annotation. Names and messages of telemetry are in it, and Alertmanager hands it on to chats and mail: control characters,
 * line ends among them, and those that turn the direction of writing become spaces, so that nothing looks like a line of ours. A `<`
 * that begins a mention or link of Slack (`<!channel>`, `<https://…|text>`) or a tag becomes `‹`; `p95 < 50` stays.
 */
export const annotationText = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u200b-\u200f\u202a-\u202e\u2066-\u2069]+/gu, ' ')
    .replaceAll(/<(?=[!@#/a-z])/gi, '‹')
