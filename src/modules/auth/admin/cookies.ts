import type { Config } from '../../../../config/index.js';

export interface CookieSettings {
  name: string;
  httpOnly: true;
  sameSite: 'strict';
  secure: boolean;
  path: '/';
}

/** `__Host-` binds the cookie to this host; browsers accept it with Secure only, which plain http in development has not. */
export function cookieSettings(config: Pick<Config, 'NODE_ENV' | 'PUBLIC_URL'>): CookieSettings {
  const secure = config.NODE_ENV === 'production' || config.PUBLIC_URL?.startsWith('https://') === true;
  return {
    name: secure ? '__Host-pharmonico' : 'pharmonico',
    httpOnly: true,
    sameSite: 'strict',
    secure,
    path: '/',
  };
}

/** Where to go after sign-in: a page of ours and nothing else. */
export function safeNext(next: unknown): string {
  return typeof next === 'string' && /^\/(admin\/queues|docs)(\/[\w./-]*)?$/.test(next) ? next : '/admin/queues';
}

/** Browsers say where a request comes from; one that changes something has to come from our own page. */
export function isSameOrigin(headers: Readonly<Record<string, unknown>>): boolean {
  return headers['sec-fetch-site'] === 'same-origin';
}
