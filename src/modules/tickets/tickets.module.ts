import { Module } from '@nestjs/common';
import { TicketsController } from './tickets.controller.js';
import { Tickets } from './tickets.service.js';

@Module({ controllers: [TicketsController], providers: [Tickets], exports: [Tickets] })
export class TicketsModule {}
