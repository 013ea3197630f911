import type { ScriptParty } from './formats/script.js';

export type Addressed = 'here' | 'elsewhere' | 'directory-decides';

/**
 * Qualifiers of Header/To under which a message may name a pharmacy instead of a mailbox: P, and none at all, as older senders
 * write. D prescriber, M mailbox or switch, C clinic and ZZZ directory never lead to one.
 */
const mayNamePharmacy: ReadonlySet<string> = new Set(['P', '']);

/**
 * Whom a NewRx is for. The platform routes, so the pharmacy in the body is the doctor's wish and never wrong; wrong is a
 * message that its sender addressed to somebody else. Only an organization that declares its mailboxes knows who that is:
 * without them, and without a To, whoever may call for the organization is believed.
 */
export function addressedTo(to: ScriptParty | undefined, mailboxes: readonly string[]): Addressed {
  if (to === undefined || mailboxes.length === 0) return 'here';
  if (mailboxes.some((mailbox) => comparable(mailbox) === comparable(to.id))) return 'here';
  return mayNamePharmacy.has(to.qualifier?.trim().toUpperCase() ?? '') ? 'directory-decides' : 'elsewhere';
}

function comparable(id: string): string {
  return id.trim().toUpperCase();
}
