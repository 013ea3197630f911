import { Module } from '@nestjs/common';
import './attachment.entity.js';
import { Attachments } from './attachments.service.js';
import { MessageTexts } from './message-texts.js';
import './message-version.entity.js';
import { MessagesController } from './messages.controller.js';
import { Messages } from './messages.service.js';
import { MessagesStore } from './messages.store.js';
import { Reads } from './reads.service.js';
import { ThreadBell } from './thread-bell.js';
import './thread-read.entity.js';
import { ThreadStreams } from './thread-streams.js';
import { ThreadsController } from './threads.controller.js';
import { ThreadsWorker } from './threads.worker.js';

@Module({
  controllers: [MessagesController, ThreadsController],
  providers: [Attachments, MessageTexts, Messages, MessagesStore, Reads, ThreadBell, ThreadStreams, ThreadsWorker],
  exports: [MessageTexts, Messages],
})
export class ThreadsModule {}
