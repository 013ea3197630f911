import { defineErrors } from '../../platform/errors/index.js';
import { pictureErrors } from '../../platform/uploads/index.js';

export const fail = defineErrors({
  'thread.not-found': { status: 404, title: 'There is no such thread, or it is not yours to see.' },
  'thread.message-not-found': { status: 404, title: 'There is no such message, or it is not yours to see.' },
  'thread.attachment-not-found': { status: 404, title: 'There is no such attachment, or it is not yours to see.' },
  'thread.unlinked': {
    status: 409,
    title: 'This thread of the older system belongs to no ticket yet; nothing can be written until it does.',
  },
  'thread.closed': { status: 409, title: 'The ticket is closed or cancelled; its thread can only be read.' },
  'thread.not-sent': {
    status: 409,
    title:
      'No message reaches the pharmacy before the prescription was sent; until then only `internal` messages can be written.',
  },
  'thread.text-not-plain': {
    status: 422,
    title: 'Messages are plain text: write it without HTML tags and script.',
  },
  'thread.audience-forbidden': { status: 422, title: 'A patient writes for everybody on the ticket: `all`.' },
  'thread.client-id-reused': {
    status: 422,
    title: 'This clientMessageId was used for a message with other content; use a new one.',
  },
  'thread.question-forbidden': { status: 422, title: 'Only doctor and pharmacy ask questions that block.' },
  'thread.question-incomplete': {
    status: 422,
    title: 'A question that blocks names in `awaits` who must answer it, and nothing else has `awaits`.',
  },
  'thread.awaits-nobody': { status: 422, title: '`awaits` names another party that takes part in this ticket.' },
  'thread.awaits-cannot-read': { status: 422, title: 'The party that must answer cannot read this audience.' },
  'thread.not-a-question': { status: 422, title: '`answers` names a message that asks nothing.' },
  'thread.already-answered': { status: 409, title: 'This question has been answered.' },
  'thread.not-awaited': { status: 403, title: 'Another party was asked; it, or operations, may answer.' },
  'thread.answer-hidden': { status: 422, title: 'An `internal` message answers nobody: the asker cannot read it.' },
  'thread.message-not-yours': { status: 403, title: 'Only who wrote a message may change it.' },
  'thread.message-deleted': { status: 409, title: 'This message was deleted.' },
  'thread.history-not-yours': {
    status: 403,
    title: 'What a message said before is shown to its author’s party and to operations.',
  },
  'thread.person-required': {
    status: 403,
    title: 'Receipts and attachments belong to people: sign in, an API key cannot do this.',
  },
  'thread.attachment-missing': { status: 422, title: 'Send one picture in the field `file`.' },
  'thread.attachment-unknown': {
    status: 422,
    title: 'An attachment is one you uploaded to this thread and have not used in a message yet.',
  },
  ...pictureErrors('thread.attachment'),
});
