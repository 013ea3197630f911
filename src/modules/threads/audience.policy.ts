import type { DbContext } from '../../platform/db/index.js';
import { isStaff } from '../auth/index.js';
import type { Message } from './message.entity.js';

type Read = Pick<Message, 'audience' | 'authorParty' | 'authorPartyId'>;

/** The id by which a caller belongs to a side. */
const ownHouse: Readonly<Record<string, (context: DbContext) => string | undefined>> = {
  doctor: ({ provider }) => provider,
  pharmacy: ({ pharmacy }) => pharmacy,
  patient: ({ patient }) => patient,
  ops: ({ organization, role }) => (isStaff(role) ? organization : undefined),
};

const audienceRules: Readonly<Record<Message['audience'], (context: DbContext, message: Read) => boolean>> = {
  all: () => true,
  providers: ({ role }) => role === 'doctor' || role === 'pharmacy' || isStaff(role),
  internal: (context, { authorParty, authorPartyId }) => {
    const house = ownHouse[authorParty]?.(context);
    return house !== undefined && house !== '' && house === authorPartyId;
  },
};

/** Whether somebody of a thread is meant by a message: the audience's rule, beside the one of row-level security. */
export function isForReader(context: DbContext, message: Read): boolean {
  return context.role === 'system' || audienceRules[message.audience](context, message);
}
