import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { careportalsSource, sandboxSettings, webhookVariables, type SandboxSecrets } from './sandbox-settings.js';

export interface SandboxProcess {
  url: string;
  smtpUrl: string;
  /** What the application needs to find it. */
  settings: Record<string, string>;
  stop(): Promise<void>;
}

const main = fileURLToPath(new URL('../sandbox/main.js', import.meta.url));
const startMs = 15_000;
/** What the README's examples read. */
export const variablesFile = 'webhooks.env';

/**
 * Starts the sandbox in a process of its own, so that it and its ledger outlive a killed application. Ports that are
 * taken are replaced by free ones.
 */
export async function startSandboxProcess(options: {
  appUrl: string;
  /** Simulated seconds per second. */
  speed: number;
  dataDir: string;
  secrets: SandboxSecrets;
  /** Names the organization of the CarePortals source. */
  brand: string;
  /** The partner pharmacy can be asked for an order, as Lifefile's own API cannot. */
  orderLookup?: boolean;
  port?: number;
  smtpPort?: number;
}): Promise<SandboxProcess> {
  const child = spawn(process.execPath, ['--enable-source-maps', main], {
    // A pipe that ends with us, whatever ends us; a group of its own, so that Ctrl-C reaches us first.
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
    env: {
      SANDBOX_ENDS_WITH_STDIN: 'true',
      SANDBOX_APP_URL: options.appUrl,
      SANDBOX_SPEED: String(options.speed),
      SANDBOX_DATA_DIR: options.dataDir,
      SANDBOX_LIFEFILE_LOOKUP: String(options.orderLookup === true),
      SANDBOX_PORT: String(options.port ?? 0),
      SANDBOX_SMTP_PORT: String(options.smtpPort ?? 0),
      ...options.secrets,
    },
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const { url, smtpUrl } = await firstLine(child.stdout, ended);
  await mkdir(options.dataDir, { recursive: true });
  await writeFile(join(options.dataDir, variablesFile), webhookVariables(options.appUrl, options.secrets), {
    mode: 0o600,
  });
  return {
    url,
    smtpUrl,
    settings: {
      ...sandboxSettings({ url, smtpUrl }, options.secrets),
      ...careportalsSource(options.brand, options.secrets),
      LIFEFILE_ORDER_LOOKUP: String(options.orderLookup === true),
    },
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function firstLine(
  output: NodeJS.ReadableStream,
  ended: Promise<void>,
): Promise<{ url: string; smtpUrl: string }> {
  const lines = createInterface({ input: output });
  const line = await Promise.race([
    new Promise<string>((resolve) => lines.once('line', resolve)),
    ended.then(() => undefined),
    new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), startMs).unref()),
  ]);
  if (line === undefined) throw new Error('the sandbox did not start');
  return (JSON.parse(line) as { sandbox: { url: string; smtpUrl: string } }).sandbox;
}
