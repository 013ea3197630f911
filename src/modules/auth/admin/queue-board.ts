import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter as BoardAdapter } from '@bull-board/fastify';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { QUEUE_BACKEND, type QueueAccess } from '../../../platform/jobs/queue-access.js';
import { queueNames } from '../../../platform/jobs/queues.js';
import { SignedInPages } from './signed-in-pages.js';

const basePath = '/admin/queues';

/**
 * Bull Board, read-only. It is raw Fastify and knows no Nest guards: the guard stands in front of its whole scope, pages, API and
 * static files alike. Queues are opened when someone first looks.
 */
@Injectable()
export class QueueBoard implements OnModuleInit {
  private opened = false;

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly pages: SignedInPages,
    @Inject(QUEUE_BACKEND) private readonly queues: QueueAccess,
  ) {}

  onModuleInit(): void {
    const adapter = new BoardAdapter();
    adapter.setBasePath(basePath);
    const board = createBullBoard({
      queues: [],
      serverAdapter: adapter,
      options: { uiConfig: { boardTitle: 'Pharmonico queues' } },
    });
    const fastify = this.host.httpAdapter.getInstance<FastifyInstance>();
    // Not awaited: that would let Fastify finish its routes before Nest has set its error handler.
    void fastify.register(async (scope) => {
      scope.addHook('onRequest', async (request, reply) => {
        if (!(await this.pages.admit(request, reply, 'queues:read'))) return reply;
        this.open(board);
        return undefined;
      });
      scope.addHook('onSend', async (_request, reply, payload) =>
        typeof payload === 'string' && isPage(reply) ? withoutForeignLinks(payload) : payload,
      );
      await scope.register(adapter.registerPlugin(), { prefix: basePath });
    });
  }

  private open(board: ReturnType<typeof createBullBoard>): void {
    if (this.opened) return;
    this.opened = true;
    for (const name of queueNames) {
      board.addQueue(new BullMQAdapter(this.queues.backend.queue(name), { readOnlyMode: true }));
    }
  }
}

function isPage(reply: FastifyReply): boolean {
  return String(reply.getHeader('content-type')).startsWith('text/html');
}

/**
 * The board's page asks Google for its font. Our policy refuses that, as an error in every look's console, and nobody outside is
 * to hear that somebody looks; the page has system fonts to fall back on, and no option leaves the link out.
 */
function withoutForeignLinks(html: string): string {
  return html.replaceAll(/<link\b[^>]*\bhref="(?:https?:)?\/\/[^>]*>\s*/gi, '');
}
