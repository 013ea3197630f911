import { defineJob } from '../../platform/jobs/index.js';
import { notedEvents, type ClinicQuestion } from './system-notes.policy.js';

// A type, not an interface: payloads must be index-compatible.
export type NotePayload = {
  prescriptionId: string;
  /** The prescription's, after the move that caused the event. */
  state?: string;
  /** Of a question to the clinic. */
  asks?: ClinicQuestion;
};

/** Forgets uploads that became part of no message; their files go with the sweep of files nobody knows. */
export const forgetUploadsJob = defineJob<{ slot: string }>({
  name: 'threads.forget_uploads',
  queue: 'bookkeeping',
  retry: 'step',
});

export const forgetUploadsEveryMs = 3_600_000;

/** Notes in the ticket's thread what happened to its prescription. */
export const noteJob = defineJob<NotePayload>({
  name: 'threads.note',
  queue: 'bookkeeping',
  retry: 'step',
  on: notedEvents,
});

/** Of messages that concern somebody beside those who write to one another: see `isToldOutside`. */
export const messagePostedEvent = 'message_posted';
