import { Module } from '@nestjs/common';
import { Tickets } from './tickets.service.js';
import { TicketsStore } from './tickets.store.js';

@Module({ providers: [Tickets, TicketsStore], exports: [Tickets] })
export class TicketsModule {}
