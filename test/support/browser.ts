import axe, { type AxeResults } from 'axe-core';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

export interface Visit {
  page: Page;
  /** What the browser itself said against our pages: errors in the console, broken policies, failed loads. */
  complaints: string[];
  /** Addresses of others that a page asked for. None of them is reached. */
  strangers: string[];
}

export interface VisitOptions {
  /** Default true. */
  scripts?: boolean;
  /** Default: a small telephone. */
  screen?: 'telephone' | 'desk';
  dark?: boolean;
}

const screens = {
  telephone: { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true },
  desk: { viewport: { width: 1280, height: 900 } },
} as const;

/** A real Chromium that reaches this machine and nothing else. */
export class TestBrowser {
  private constructor(private readonly browser: Browser) {}

  /** @throws Error when no browser is named: `npm run test:browser` finds or installs one */
  static async open(): Promise<TestBrowser> {
    const executablePath = process.env['PHARMONICO_TEST_BROWSER'];
    if (executablePath === undefined) throw new Error('PHARMONICO_TEST_BROWSER names no browser: run test:browser.');
    const args = ['--disable-dev-shm-usage', '--disable-gpu', '--disable-component-update', '--disable-sync'];
    // Its own sandbox wants rights that containers do not give; it shows no page but ours.
    return new TestBrowser(await chromium.launch({ executablePath, chromiumSandbox: false, args }));
  }

  /** Somebody with a browser of their own: no cookie of anyone else. */
  async visit({ scripts = true, screen = 'telephone', dark = false }: VisitOptions = {}): Promise<Visit> {
    const context = await this.browser.newContext({
      ...screens[screen],
      javaScriptEnabled: scripts,
      colorScheme: dark ? 'dark' : 'light',
    });
    // Less than a test may take, so that it says what it waited for.
    context.setDefaultTimeout(15_000);
    const visit: Visit = { page: await context.newPage(), complaints: [], strangers: [] };
    await keepInside(context, visit);
    listen(context, visit);
    return visit;
  }

  async close(): Promise<void> {
    await this.browser.close();
  }
}

async function keepInside(context: BrowserContext, visit: Visit): Promise<void> {
  const isOurs = (url: URL) => ['localhost', '127.0.0.1'].includes(url.hostname);
  await context.route(
    (url) => !isOurs(url),
    (route) => {
      visit.strangers.push(route.request().url());
      return route.abort();
    },
  );
}

function listen(context: BrowserContext, { complaints }: Visit): void {
  context.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  context.on('weberror', (failure) => complaints.push(failure.error().message));
}

/** What stands in a person's way on this page by WCAG 2 A and AA, one line each; empty when nothing does. */
export async function obstacles(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const run = `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })`;
  const { violations } = await page.evaluate<AxeResults>(run);
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

/** Pixels one would have to scroll sideways. */
export function sideways(page: Page): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}
