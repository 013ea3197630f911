/**
 * Words by which a person revokes consent (47 CFR 64.1200(a)(10)) or gives it back. HELP and INFO are answered by Twilio with
 * the text of the campaign.
 */
const stopWords = new Set([
  'stop',
  'stopall',
  'stop all',
  'unsubscribe',
  'cancel',
  'end',
  'quit',
  'revoke',
  'optout',
  'opt out',
  'stop it',
  'stop this',
  'stop now',
  'stop texting',
  'stop texting me',
  'stop messaging me',
  'do not text me',
  'dont text me',
  'no more texts',
  'no more messages',
  'remove me',
  'take me off',
  'leave me alone',
  // Spanish, the second language of patients here.
  'no más',
  'no mas',
  'alto',
  'basta',
  'cancelar',
]);
const startWords = new Set(['start', 'unstop']);
/** Gives consent back like START, but only to whom it was taken from; otherwise it answers something. */
const yesWords = new Set(['yes']);
const helpWords = new Set(['help', 'info']);

export type Keyword = 'stop' | 'start' | 'yes' | 'help';

/**
 * Wordings a reasonable person would read as revocation (47 CFR 64.1200(a)(10)), in English and Spanish: a word for ending
 * together with one for messages, or a phrase that means nothing else. "Stop" alone may be about a medicine or a visit.
 */
const messages = '(?:texts?|texting|messages?|messaging|msgs?|sms|notifications?|alerts?|contacting|contact)';
const revocations: readonly RegExp[] = [
  new RegExp(
    `\\b(?:stop|quit|cease|end|cancel|no more|no longer want|dont want|do not want|tired of)\\b.{0,40}\\b${messages}\\b`,
  ),
  new RegExp(
    `\\b(?:do not|dont|never|stop)\\b.{0,10}\\b(?:text|messag|contact|bother|writ|send)(?:e|ing)?\\b.{0,20}\\b(?:me|us|here|this|again|anymore|any)\\b`,
  ),
  /\b(?:unsubscribe|opt (?:me )?out|optout|revoke|take me off|remove (?:me|my number)|leave me alone|wrong number|lose my number)\b/,
  /^(?:please |pls )?stop(?: it| this| that| now| already| please| pls| all)*$/,
  /\bno (?:me |mas )?(?:manden?|mandes|env[ií]en?|env[ií]es|escriban?|escribas|mensajes|textos)\b/,
  /\b(?:dejen?|deja|paren?) de (?:mandar|enviar|escribir|molestar)/,
  /\bno m[aá]s (?:mensajes|textos)\b/,
];

/** @returns undefined for any other text */
export function keywordOf(body: string): Keyword | undefined {
  const words = wordsOf(body);
  const polite = words.replace(/^(?:please|pls|por favor) | (?:please|pls|por favor)$/g, '');
  if (stopWords.has(polite)) return 'stop';
  if (startWords.has(words)) return 'start';
  if (yesWords.has(words)) return 'yes';
  return helpWords.has(words) ? 'help' : undefined;
}

/** Whether a text that is no keyword takes consent back all the same. In doubt it does: a person looks at it. */
export function readsAsRevocation(body: string): boolean {
  const words = wordsOf(body);
  return revocations.some((wording) => wording.test(words));
}

function wordsOf(body: string): string {
  // Letters of another width or style are the same words.
  return body
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[’']/g, '')
    .replace(/[^\p{L}\s]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}
