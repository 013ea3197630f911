import type { Principal } from './principal.js';

/** The caller as history names it. */
export interface CallingActor {
  kind: 'user' | 'api_key' | 'patient' | 'pharmacy';
  id: string;
}

export function actorOf(principal: Principal): CallingActor {
  if (principal.kind === 'api-key') return { kind: 'api_key', id: principal.id };
  const kind = principal.role === 'patient' || principal.role === 'pharmacy' ? principal.role : 'user';
  return { kind, id: principal.id };
}
