import type { FastifyInstance } from 'fastify';
import type { Simulated, World } from '../core/world.js';
import { mailPages } from './mail.pages.js';
import { MailServer } from './mail.server.js';

export interface SimulatedMail extends Simulated {
  server: MailServer;
}

export function mail(app: FastifyInstance, world: World): SimulatedMail {
  const server = new MailServer(world);
  mailPages(app, server);
  return { server, reset: () => server.reset() };
}
