/** A small client of the HTTP API, as an integrator would write one. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    what: string,
  ) {
    super(`${what} answered ${status} ${code}`);
    this.name = 'ApiError';
  }
}

export class ApiClient {
  private constructor(
    readonly url: string,
    readonly token: string,
  ) {}

  static async signIn(url: string, email: string, password: string): Promise<ApiClient> {
    const answer = await new ApiClient(url, '').post<{ accessToken: string }>('/api/auth/login', { email, password });
    return new ApiClient(url, answer.accessToken);
  }

  /** With an access token or an API key. */
  static withToken(url: string, token: string): ApiClient {
    return new ApiClient(url, token);
  }

  get<T>(path: string): Promise<T> {
    return this.send<T>('GET', path);
  }

  /** The first item of a paged list that fits; undefined when none does. */
  async find<T>(path: string, fits: (item: T) => boolean): Promise<T | undefined> {
    let cursor: string | null = null;
    do {
      const from: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page: { items: T[]; nextCursor: string | null } = await this.get(`${path}?limit=200${from}`);
      const found = page.items.find(fits);
      if (found !== undefined) return found;
      cursor = page.nextCursor;
    } while (cursor !== null);
    return undefined;
  }

  post<T>(path: string, body: unknown, headers: Record<string, string> = {}): Promise<T> {
    return this.send<T>('POST', path, JSON.stringify(body), { 'content-type': 'application/json', ...headers });
  }

  patch<T>(path: string, body: unknown): Promise<T> {
    return this.send<T>('PATCH', path, JSON.stringify(body), { 'content-type': 'application/json' });
  }

  /** A body as it is. @returns the answer's text */
  async raw(path: string, contentType: string, body: string, headers: Record<string, string> = {}): Promise<string> {
    return (await this.fetch('POST', path, body, { 'content-type': contentType, ...headers })).text();
  }

  private async send<T>(method: string, path: string, body?: string, headers: Record<string, string> = {}): Promise<T> {
    const answer = await this.fetch(method, path, body, headers);
    const text = await answer.text();
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  private async fetch(
    method: string,
    path: string,
    body?: string,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const answer = await fetch(`${this.url}${path}`, {
      method,
      headers: { ...(this.token !== '' && { authorization: `Bearer ${this.token}` }), ...headers },
      ...(body !== undefined && { body }),
    });
    if (answer.ok) return answer;
    const problem = (await answer.json().catch(() => ({}))) as { code?: string };
    throw new ApiError(answer.status, problem.code ?? 'unknown', `${method} ${path}`);
  }
}
