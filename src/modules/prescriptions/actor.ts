import type { Principal } from '../auth/index.js';
import type { Actor } from './moves.store.js';

/** The caller as history names it. */
export function actorOf(principal: Principal): Actor {
  if (principal.kind === 'api-key') return { kind: 'api_key', id: principal.id };
  const kind = principal.role === 'patient' || principal.role === 'pharmacy' ? principal.role : 'user';
  return { kind, id: principal.id };
}
