import { Module } from '@nestjs/common';
import './attachment.entity.js';
import './message-version.entity.js';
import './thread-read.entity.js';

@Module({})
export class ThreadsModule {}
