import formbody from '@fastify/formbody';
import { fastify, type FastifyError } from 'fastify';
import { ZodError } from 'zod';
import { adminRoutes } from './core/admin.js';
import { Faults } from './core/faults.js';
import { parseForm } from './core/form.js';
import { Ledger } from './core/ledger.js';
import { Scheduler } from './core/scheduler.js';
import { Webhooks } from './core/webhooks.js';
import type { Secrets, Settings, World } from './core/world.js';
import { lifefile } from './lifefile/lifefile.js';
import { mail } from './mail/mail.js';
import { shippo } from './shippo/shippo.js';
import { stripe } from './stripe/stripe.js';
import { claimSwitch } from './switch/switch.js';
import { twilio } from './twilio/twilio.js';

export interface SandboxOptions {
  /** 0 = the kernel chooses, also when the wanted port is taken. */
  port: number;
  smtpPort: number;
  /** Where webhooks go, without a trailing slash; empty = none are sent. */
  appUrl: string;
  /** Simulated seconds per real second for parcels and pharmacy orders; 0 = they only move when told. */
  speed: number;
  /** Folder of `ledger.jsonl`. */
  dataDir: string;
  secrets: Secrets;
  /** Default false, as at Lifefile: no order can be asked for by its reference, and a repeat is a second order. */
  lifefileLookup?: boolean;
}

export interface RunningSandbox {
  url: string;
  smtpUrl: string;
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
const BODY_LIMIT = 2 * 1024 * 1024;

/** Starts every simulated vendor in this process. */
export async function startSandbox(options: SandboxOptions): Promise<RunningSandbox> {
  const { appUrl, speed, dataDir, secrets, lifefileLookup = false } = options;
  const settings: Settings = { url: '', appUrl: appUrl.replace(/\/+$/, ''), speed, secrets, lifefileLookup };
  const faults = new Faults();
  const scheduler = new Scheduler(() => settings.speed);
  const webhooks = new Webhooks(faults, scheduler);
  const world: World = { settings, faults, scheduler, webhooks, ledger: new Ledger(dataDir) };

  const app = fastify({ bodyLimit: BODY_LIMIT, forceCloseConnections: true });
  await app.register(formbody, { parser: parseForm });
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    if (error instanceof ZodError) return reply.code(400).send({ error: 'invalid', issues: error.issues });
    return reply.code(error.statusCode ?? 500).send({ error: error.message });
  });
  const mailbox = mail(app, world);
  const simulated = [
    stripe(app, world),
    twilio(app, world),
    shippo(app, world),
    lifefile(app, world),
    claimSwitch(app, world),
    mailbox,
  ];
  const reset = (): void => {
    scheduler.clear();
    webhooks.reset();
    faults.clear();
    for (const one of simulated) one.reset();
    world.ledger.reset();
  };
  adminRoutes(app, world, reset);

  const smtpPort = await orAnyPort((port) => mailbox.server.listen(port), options.smtpPort);
  settings.url = await orAnyPort((port) => app.listen({ port, host: HOST }), options.port);
  return {
    url: settings.url,
    smtpUrl: `smtp://${HOST}:${smtpPort}`,
    stop: async () => {
      webhooks.stop();
      scheduler.clear();
      await Promise.all([app.close(), mailbox.server.close()]);
    },
  };
}

/** The wanted port, or any free one when somebody else has it. */
async function orAnyPort<T>(listen: (port: number) => Promise<T>, wanted: number): Promise<T> {
  try {
    return await listen(wanted);
  } catch (error) {
    if (isTaken(error)) return listen(0);
    throw error;
  }
}

/** By its code alone: an error of another realm (a test runner's) is no instance of our Error. */
function isTaken(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'EADDRINUSE';
}
