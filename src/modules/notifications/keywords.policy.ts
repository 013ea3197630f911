/** These mean nothing else, also as a piece of a longer text. */
const plainStops = [
  'stop',
  'stopall',
  'stop all',
  'stop everything',
  'unsubscribe',
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
  'basta',
] as const;
const plainStopWords: ReadonlySet<string> = new Set(plainStops);

/**
 * Words by which a person revokes consent (47 CFR 64.1200(a)(10)), alone or with what is polite. In a longer text "cancel" may be
 * about an order and "baja" about a dose.
 */
const stopWords: ReadonlySet<string> = new Set([
  ...plainStops,
  'cancel',
  'end',
  'quit',
  'no more',
  'no más',
  'no mas',
  'alto',
  'baja',
  'parar',
  'detener',
  'cancelar',
]);
/** At these alone Twilio itself blocks the number and confirms it. HELP and INFO it answers with the text of the campaign. */
const stopKeywords: ReadonlySet<string> = new Set([
  'stop',
  'stopall',
  'unsubscribe',
  'cancel',
  'end',
  'quit',
  'revoke',
  'optout',
]);
const startWords = new Set(['start', 'unstop']);
/** Gives consent back like START, but only to whom it was taken from; otherwise it answers something. */
const yesWords = new Set(['yes']);
const helpWords = new Set(['help', 'info']);

export type Keyword = 'stop' | 'start' | 'yes' | 'help';

const messages =
  '(?:texts?|texting|messages?|messaging|msgs?|sms|notifications?|alerts?|updates|reminders?|contacting|contact)';
/** What else may end: a medicine, an order, a visit; but "stop the order alerts" is about messages. */
const care = '(?:order|appointment|visit|refill|prescription|medicines?|medications?|meds?|pills?|delivery|shipment)';
const aboutCare = `(?! (?:taking|using|by|(?:my|the|this|that|our) ${care}(?! (?:(?!and )\\w+ )?${messages}))\\b)`;
const phone = '(?:my|this) (?:(?:cell|mobile|phone|contact) )?(?:number|phone|cell|contact)';
const please = '(?: (?:please|pls|now|already|thanks|thank you))*';
const mensajes = '(?:mensajes?|textos?|sms|notificaciones|alertas|avisos)';

/**
 * Wordings a reasonable person would read as revocation (47 CFR 64.1200(a)(10)), in English and Spanish: a word for ending
 * together with one for messages, or a phrase that means nothing else. "Stop" alone may be about a medicine or a visit.
 */
const revocations: readonly RegExp[] = [
  new RegExp(
    `\\b(?:stop|quit|cease|end|cancel|discontinue|no more|(?:no longer|dont|do not) (?:want|wish)|not interested in|(?:tired|sick) of)\\b${aboutCare}.{0,40}\\b${messages}\\b`,
  ),
  new RegExp(
    `\\b(?:do not|dont|never|stop)\\b${aboutCare}.{0,10}\\b(?:text|messag|contact|bother|writ|send)(?:e|ing)?\\b.{0,20}\\b(?:me|us|here|this|again|anymore|any)\\b`,
  ),
  new RegExp(
    `^(?:please |pls )?(?:(?:do not|dont|never|no) (?:text|texting|message|messaging|contact|sms)|stop (?:sending|contacting|calling)(?: (?:it|them|these|those|stuff|anything))?)${please}$`,
  ),
  new RegExp(`\\b(?:do not|dont|never) (?:text|message|contact|call) (?:${phone}|or (?:text|message|contact|call))\\b`),
  /\b(?:stop|quit|no more|enough) (?:with )?(?:(?:this|the|all|your) )*(?:spam|spamming|harass|harassing|harassment|pestering|bugging|annoying)\b/,
  /^(?:(?:this|it|these|those|you) (?:is|are)|thats|youre|reported as|report) (?:(?:all|just|a) )*(?:spam|spammers?|scam)\b|^(?:all )?spam$/,
  /\b(?:no longer|dont|do not) (?:want|wish) (?:to be (?:texted|messaged|contacted)|to hear from you|you to (?:text|message|contact))\b/,
  /\b(?:withdraw|withdrawing|rescind|cancel|cancelling|take back) (?:(?:my|all|any) )*(?:consent|permission)\b/,
  /\b(?:no longer|do not|dont|never) (?:(?:give|gave|have|you|my|any) )*(?:consent|permission)\b/,
  new RegExp(
    `\\b(?:never|did not|didnt) (?:sign|signed|ask|asked|agree|agreed)(?: up)? (?:for|to) (?:(?:this|these|those|the|your|any|get|receive) )*${messages}\\b`,
  ),
  new RegExp(`\\b(?:delete|erase|remove|lose|forget) ${phone}\\b|\\btake ${phone} off\\b`),
  /\b(?:unsubscribe|unsuscribe|opt (?:me )?out|optout|revoke|take me off|(?:delete|erase|remove) me|leave me alone|wrong number(?! of))\b/,
  /^(?:please |pls )?stop(?: it| this| that| now| already| please| pls| all)*$/,
  /\bno (?:me |mas )?(?:manden?|mandes|env[ií]en?|env[ií]es|escriban?|escribas|contacten?|contactes|molesten?|molestes|mensajes|textos)(?!\p{L})/u,
  /\b(?:dejen?|deja|paren?) de (?:mandar|enviar|escribir|molestar|contactar)/,
  new RegExp(`\\bno m[aá]s ${mensajes}\\b`),
  new RegExp(
    `\\bno (?:quiero|deseo) (?:(?:m[aá]s|recibir|recibiendo|seguir|ning[uú]n|que me manden|que me env[ií]en|sus|estos|esos|los) )*${mensajes}\\b`,
  ),
  /\bno (?:quiero|deseo) que me (?:escriban|contacten|molesten)\b/,
  new RegExp(
    `\\b(?:cancel(?:ar|en?)|par(?:ar|en?)|detener|detengan?|basta de|alto a) (?:(?:de|los|sus|estos|esos|todos) )*${mensajes}\\b`,
  ),
  /\b(?:dar|darme|den|denme|d[eé]me|dame) de baja\b/,
  /^stop (?:i|im|this is|you|youre)\b/,
  // A parcel may have gone to the wrong person, too.
  /^(?:(?:sorry|hi|hello|no|this is|its|im|i am|the) )*wrong person\b|\b(?:have|got|reached|text(?:ing|ed)?|messag(?:ing|ed)|contact(?:ing|ed)|call(?:ing|ed)|(?:talking|writing|speaking|texting) to) (?:the|a) wrong person\b/,
  /\b(?:borr|elimin|quit)(?:ar|en?) mi (?:n[uú]mero|tel[eé]fono)(?!\p{L})/u,
  /\b(?:retiro|revoco|cancelo) (?:mi |el )?(?:consentimiento|permiso)\b/,
  /\bn[uú]mero equivocado(?! de)\b|\bd[eé]jen?me en paz\b/,
];

const repeated = /(?<!\p{L})(\p{L}+)(?: \1(?!\p{L}))+/gu;
/** "No, stop" is one thing; "no cancelar" and "no baja" are others. */
const lead =
  /^(?:(?:please|pls|ok|okay|just|yes|no thanks|no thank you|no(?= (?:please |pls |just )?stop)|i (?:already )?said|por favor|ya(?= basta)) )+/;
const tail = /(?: (?:please|pls|now|right now|already|ok|okay|thanks|thank you|por favor|ya|gracias))+$/;

/** @returns undefined for any other text */
export function keywordOf(body: string): Keyword | undefined {
  const words = wordsOf(body);
  if (stopKeywords.has(words)) return 'stop';
  if (startWords.has(words)) return 'start';
  if (yesWords.has(words)) return 'yes';
  return helpWords.has(words) ? 'help' : undefined;
}

/** Whether a text that is no keyword takes consent back all the same. In doubt it does: a person looks at it. */
export function readsAsRevocation(body: string): boolean {
  const words = wordsOf(body);
  return (
    revocations.some((wording) => wording.test(words)) ||
    stopWords.has(bareOf(words)) ||
    piecesOf(body).some((piece) => plainStopWords.has(bareOf(wordsOf(piece))))
  );
}

/** What is said beside a reason, a signature or thanks. Who asks whether to stop says nothing of messages. */
function piecesOf(body: string): string[] {
  const pieces = body.normalize('NFKC').split(/(?<=\?)|[.!,;:\r\n]+/);
  return pieces.filter((piece) => !piece.endsWith('?'));
}

/** Without what people say around a word, and said once. */
function bareOf(words: string): string {
  return words.replace(repeated, '$1').replace(lead, '').replace(tail, '');
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
