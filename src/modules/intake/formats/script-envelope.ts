import { FormatError, type FormatErrorCode, type FormatIssue } from './format-error.js';
import { readVersion, type ScriptVersion } from './script-codes.js';
import { filled, readInstant } from './values.js';
import type { XmlElement } from './xml.js';

export interface ScriptParty {
  id: string;
  /** P pharmacy, D prescriber, M mailbox or switch, C clinic, ZZZ directory. */
  qualifier?: string;
}

export interface ScriptEnvelope {
  version: ScriptVersion;
  /** The message named no version and was read as 2017071. */
  versionWarning?: string;
  /** As the sender wrote them, the namespace included: its answer carries the same. */
  rootAttributes: Readonly<Record<string, string>>;
  messageId?: string;
  from?: ScriptParty;
  to?: ScriptParty;
  relatesToMessageId?: string;
  /** ISO 8601 in UTC, milliseconds. */
  sentTime?: string;
  prescriberOrderNumber?: string;
  rxReferenceNumber?: string;
}

/** A SCRIPT message that was refused after its header had been read: the answer can be addressed. */
export class ScriptError extends FormatError {
  constructor(
    code: FormatErrorCode,
    readonly envelope: ScriptEnvelope,
    issues: readonly FormatIssue[] = [],
  ) {
    super(code, issues);
    this.name = 'ScriptError';
  }
}

const ECHOED = new Set([
  'version',
  'DatatypesVersion',
  'TransportVersion',
  'TransactionDomain',
  'TransactionVersion',
  'StructuresVersion',
  'ECLVersion',
]);

/** What of a header can be read, before any rule is applied to it. */
export function readEnvelope(message: XmlElement): ScriptEnvelope {
  const header = message.at('Header');
  const wire = message.attributes.get('TransactionVersion') ?? message.attributes.get('version');
  const sentTime = header?.value('SentTime');
  return {
    version: (wire === undefined ? undefined : readVersion(wire)) ?? '2017071',
    rootAttributes: echoed(message),
    ...filled({
      versionWarning: wire === undefined ? 'The message names no SCRIPT version; it was read as 2017071.' : undefined,
      messageId: header?.value('MessageID'),
      from: partyOf(header?.at('From')),
      to: partyOf(header?.at('To')),
      relatesToMessageId: header?.value('RelatesToMessageID'),
      sentTime: sentTime === undefined ? undefined : readInstant(sentTime),
      prescriberOrderNumber: header?.value('PrescriberOrderNumber'),
      rxReferenceNumber: header?.value('RxReferenceNumber'),
    }),
  };
}

/** @throws ScriptError when version, SentTime or the length of an identifier is not acceptable. */
export function checkEnvelope(message: XmlElement, envelope: ScriptEnvelope): void {
  const wire = message.attributes.get('TransactionVersion') ?? message.attributes.get('version');
  if (wire !== undefined && readVersion(wire) === undefined) throw new ScriptError('intake.script-version', envelope);
  // An offset is required: a bare date or a local time does not say when (standard of the WENO switch).
  const sent = message.at('Header')?.value('SentTime');
  if (sent !== undefined && envelope.sentTime === undefined) throw new ScriptError('intake.script-sent-time', envelope);
  const issues = identifiers(envelope).flatMap(([pointer, id]) =>
    id.length > MAX_ID_LENGTH ? [tooLong(pointer)] : [],
  );
  if (issues.length > 0) throw new ScriptError('intake.order-invalid', envelope, issues);
}

const MAX_ID_LENGTH = 80;

function identifiers(envelope: ScriptEnvelope): [string, string][] {
  return [
    ['/messageId', envelope.messageId ?? ''],
    ['/relatesToMessageId', envelope.relatesToMessageId ?? ''],
    ['/prescriberOrderNumber', envelope.prescriberOrderNumber ?? ''],
    ['/rxReferenceNumber', envelope.rxReferenceNumber ?? ''],
    ['/from', envelope.from?.id ?? ''],
    ['/from/qualifier', envelope.from?.qualifier ?? ''],
    ['/to', envelope.to?.id ?? ''],
    ['/to/qualifier', envelope.to?.qualifier ?? ''],
  ];
}

function tooLong(pointer: string): FormatIssue {
  return { pointer, code: 'too_big', message: 'The value is too long or too large.' };
}

function partyOf(element: XmlElement | undefined): ScriptParty | undefined {
  if (!element || element.text === '') return undefined;
  return { id: element.text, ...filled({ qualifier: element.attributes.get('Qualifier') || undefined }) };
}

function echoed(message: XmlElement): Record<string, string> {
  const known = [...message.attributes].filter(([name]) => ECHOED.has(name));
  const namespace = message.attributes.get(message.prefix === '' ? 'xmlns' : `xmlns:${message.prefix}`);
  return Object.fromEntries(namespace === undefined ? known : [['xmlns', namespace], ...known]);
}
