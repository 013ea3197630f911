import type { FastifyReply } from 'fastify';

/** What a page route answers: a page, or the way to one. */
export interface PageAnswer {
  status?: number;
  body?: string;
  /** Where a form leads: always by GET (303). */
  location?: string;
  cookie?: PageCookie;
}

export interface PageCookie {
  name: string;
  value: string;
  /** The cookie is sent below this path only. */
  path: string;
  maxAgeSeconds: number;
  secure: boolean;
}

/** Pages behind a token are nobody's to keep, index or tell others about. */
const pageHeaders = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-robots-tag': 'noindex, nofollow',
};

export function sendPage(reply: FastifyReply, answer: PageAnswer): void {
  void reply.headers(pageHeaders);
  if (answer.cookie !== undefined) {
    const { name, value, path, maxAgeSeconds, secure } = answer.cookie;
    void reply.setCookie(name, value, { path, maxAge: maxAgeSeconds, secure, httpOnly: true, sameSite: 'strict' });
  }
  if (answer.location !== undefined) {
    void reply.code(303).header('location', answer.location).send();
    return;
  }
  void reply
    .code(answer.status ?? 200)
    .header('content-type', 'text/html; charset=utf-8')
    .send(answer.body ?? '');
}
