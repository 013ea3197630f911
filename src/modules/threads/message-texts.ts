import { Injectable } from '@nestjs/common';
import { Keyring } from '../../platform/crypto/index.js';
import type { MessageRow } from './messages.store.js';

export interface OpenAttachment {
  id: string;
  name: string;
  mediaType: string;
  sizeBytes: number;
}

/** A message as its readers see it. */
export type OpenMessage = Omit<MessageRow, 'bodySealed' | 'attachments'> & {
  text: string | null;
  attachments: readonly OpenAttachment[];
};

/** Texts and file names lie sealed; a former text keeps the seal it had in its message. */
@Injectable()
export class MessageTexts {
  constructor(private readonly keyring: Keyring) {}

  seal(messageId: string, text: string): Buffer {
    return this.keyring.seal(bodyOf(messageId), text);
  }

  text(messageId: string, sealed: Buffer | null): string | null {
    return sealed === null ? null : this.keyring.openText(bodyOf(messageId), sealed);
  }

  /** What was asked for, comparable without being readable: a short text could be guessed from a plain digest. */
  hash(content: unknown): string {
    return this.keyring.blindIndex('chat_messages', JSON.stringify(content));
  }

  open({ bodySealed, attachments, ...message }: MessageRow): OpenMessage {
    return {
      ...message,
      text: this.text(message.id, bodySealed),
      attachments: (attachments ?? []).map(({ nameSealed, ...attachment }) => ({
        ...attachment,
        name: this.name(attachment.id, Buffer.from(nameSealed, 'base64')),
      })),
    };
  }

  sealName(attachmentId: string, name: string): Buffer {
    return this.keyring.seal(nameOf(attachmentId), name);
  }

  private name(attachmentId: string, sealed: Buffer): string {
    return this.keyring.openText(nameOf(attachmentId), sealed);
  }
}

const bodyOf = (row: string) => ({ table: 'chat_messages', column: 'body_sealed', row });
const nameOf = (row: string) => ({ table: 'chat_attachments', column: 'name_sealed', row });
