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
const startWords = new Set(['start', 'yes', 'unstop']);
const helpWords = new Set(['help', 'info']);

export type Keyword = 'stop' | 'start' | 'help';

/** @returns undefined for any other text */
export function keywordOf(body: string): Keyword | undefined {
  const words = body
    .toLowerCase()
    .replace(/[’']/g, '')
    .replace(/[^\p{L}\s]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const polite = words.replace(/^(?:please|pls|por favor) | (?:please|pls|por favor)$/g, '');
  if (stopWords.has(polite)) return 'stop';
  if (startWords.has(words)) return 'start';
  return helpWords.has(words) ? 'help' : undefined;
}
