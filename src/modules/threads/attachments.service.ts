import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import { isRefusal } from '../../platform/errors/index.js';
import { newId } from '../../platform/ids/index.js';
import { Handles } from '../../platform/jobs/index.js';
import { Schedules } from '../../platform/schedules/index.js';
import { FileReferences, FileStorage } from '../../platform/storage/index.js';
import { Pictures, type RefusePicture } from '../../platform/uploads/index.js';
import { Audit } from '../audit/index.js';
import { contextOf, type Principal } from '../auth/index.js';
import { writeRefusalOf } from './message.policy.js';
import { MessageTexts, type OpenAttachment } from './message-texts.js';
import { MessagesStore } from './messages.store.js';
import { personOf } from './sender.js';
import { fail } from './threads.errors.js';
import { forgetUploadsEveryMs, forgetUploadsJob } from './threads.jobs.js';

/** Where they lie in the file storage. */
const attachmentFolder = 'chat-attachments';
const unusedForMs = 86_400_000;
/** Whatever was uploaded is kept as this. */
const mediaType = 'image/jpeg';

export interface UploadedAttachment {
  name: string;
  bytes: Buffer;
}

const refuse: RefusePicture = (problem, extras) => fail(`thread.attachment-${problem}`, extras);

/** Pictures in messages. Until a message has it, an attachment is seen by who uploaded it; then by the message's readers. */
@Injectable()
export class Attachments implements OnModuleInit {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly files: FileStorage,
    private readonly references: FileReferences,
    private readonly pictures: Pictures,
    private readonly audit: Audit,
    private readonly messages: MessagesStore,
    private readonly texts: MessageTexts,
    private readonly schedules: Schedules,
  ) {}

  onModuleInit(): void {
    this.schedules.add({ job: forgetUploadsJob, everyMs: forgetUploadsEveryMs });
    this.references.register(
      attachmentFolder,
      'SELECT file_key FROM chat_attachments WHERE file_key = ANY($1::text[])',
    );
  }

  /** @throws thread.not-found, thread.closed, thread.unlinked, thread.person-required, thread.attachment-* */
  async add(principal: Principal, threadId: string, uploaded: UploadedAttachment | undefined): Promise<OpenAttachment> {
    const { userId } = personOf(principal);
    // Strangers do not get to spend our processor on pictures.
    await this.db.tx(contextOf(principal), (tx) => this.writable(tx, threadId));
    if (uploaded === undefined) throw fail('thread.attachment-missing');
    const picture = await this.pictures.clean(uploaded.bytes, refuse);
    const attachment = { id: newId(), name: plainName(uploaded.name), mediaType, sizeBytes: picture.length };
    const key = await this.files.put(attachmentFolder, picture);
    try {
      await this.db.tx(contextOf(principal), async (tx) => {
        const { organizationId } = await this.writable(tx, threadId);
        await tx.send(
          `INSERT INTO chat_attachments (id, thread_id, organization_id, uploaded_by, file_key, media_type, size_bytes,
             name_sealed, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
          [
            attachment.id,
            threadId,
            organizationId,
            userId,
            key,
            mediaType,
            picture.length,
            this.texts.sealName(attachment.id, attachment.name),
            this.clock.now(),
          ],
        );
        await this.audit.record(tx, { action: 'write', entity: 'attachment', entityIds: [attachment.id] });
      });
    } catch (error) {
      // Otherwise the row may be there: the sweep knows, and finds what stays.
      if (isRefusal(error)) await this.files.remove(key).catch(() => undefined);
      throw error;
    }
    return attachment;
  }

  /** @throws thread.attachment-not-found */
  async get(
    principal: Principal,
    threadId: string,
    attachmentId: string,
  ): Promise<{ bytes: Buffer; mediaType: string }> {
    const found = await this.db.tx(contextOf(principal), async (tx) => {
      const [thread, row] = await Promise.all([
        this.messages.thread(tx, threadId),
        tx.one<StoredAttachment>(
          `SELECT file_key AS key, media_type AS "mediaType", message_id AS "messageId", uploaded_by AS "uploadedBy"
           FROM chat_attachments WHERE id = $1 AND thread_id = $2`,
          [attachmentId, threadId],
        ),
      ]);
      if (thread === undefined || row === undefined || !(await this.isShown(tx, principal, threadId, row))) {
        throw fail('thread.attachment-not-found');
      }
      await this.audit.record(tx, { action: 'read', entity: 'attachment', entityIds: [threadId, attachmentId] });
      return row;
    });
    return { bytes: await this.files.get(found.key), mediaType: found.mediaType };
  }

  /** Who uploads and says nothing for a day will not say it any more. */
  @Handles(forgetUploadsJob)
  async forgetUnused(): Promise<void> {
    const before = new Date(this.clock.now().getTime() - unusedForMs);
    await this.db.query(systemContext, 'DELETE FROM chat_attachments WHERE message_id IS NULL AND created_at < $1', [
      before,
    ]);
  }

  /** To who reads its message; before it has one, to who uploaded it. */
  private async isShown(tx: Tx, { id }: Principal, threadId: string, row: StoredAttachment): Promise<boolean> {
    if (row.messageId === null) return row.uploadedBy === id;
    const message = await this.messages.find(tx, threadId, row.messageId);
    return message?.deletedAt === null;
  }

  private async writable(tx: Tx, threadId: string): Promise<{ organizationId: string }> {
    const thread = await this.messages.thread(tx, threadId);
    if (thread === undefined) throw fail('thread.not-found');
    const refusal = writeRefusalOf(thread.status);
    if (refusal !== undefined) throw fail(refusal);
    return thread;
  }
}

interface StoredAttachment {
  key: string;
  mediaType: string;
  messageId: string | null;
  uploadedBy: string | null;
}

const longestName = 200;

/** The last part of a path, without what could break a line or a header. */
function plainName(name: string): string {
  const last = name.split(/[\\/]/).at(-1) ?? '';
  return last.replaceAll(/\p{C}/gu, '').trim().slice(0, longestName) || 'picture';
}
