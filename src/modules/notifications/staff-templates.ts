import { emailOf, oneLine } from './email-layout.js';
import type { TicketEvent } from './notification.words.js';
import type { RenderedMessage } from './templates.js';

/** All an email to operations or a pharmacy may know: which ticket. Whoever may read more finds it there. */
export interface StaffView {
  brand: string;
  ticketId: string;
  link: string;
}

interface StaffTemplate {
  /** Raised with every change of wording. */
  version: number;
  /** After the brand. */
  subject: string;
  paragraphs: (ticketId: string) => string[];
}

export const staffTemplates: Readonly<Record<TicketEvent, StaffTemplate>> = {
  message_posted: {
    version: 1,
    subject: 'a message waits for an answer',
    paragraphs: (ticketId) => [
      `Somebody wrote to operations on ticket ${ticketId}.`,
      'You are told of more once this one has been read.',
    ],
  },
  ticket_escalated: {
    version: 1,
    subject: 'a ticket stands still',
    paragraphs: (ticketId) => [`Ticket ${ticketId} has been in its status for longer than the rules allow.`],
  },
  support_requested: {
    version: 1,
    subject: 'something needs you',
    paragraphs: (ticketId) => [
      `Ticket ${ticketId} was opened for operations: the platform cannot go on by itself.`,
      'Others opened within the same hour are in the list of tickets.',
    ],
  },
  ticket_sent: {
    version: 1,
    subject: 'a new ticket for your pharmacy',
    paragraphs: (ticketId) => [`Ticket ${ticketId} was sent to your pharmacy.`],
  },
};

/** The same view gives the same text, for ever: a repeated try must look like the first. */
export function renderStaffMail(event: TicketEvent, { brand, ticketId, link }: StaffView): RenderedMessage {
  const { version, subject, paragraphs } = staffTemplates[event];
  return {
    template: `staff.${event}`,
    version,
    ...emailOf({
      subject: oneLine(`${brand}: ${subject}`),
      greeting: 'Hello,',
      paragraphs: paragraphs(ticketId),
      button: 'Open the ticket',
      link,
      brand: oneLine(brand),
    }),
  };
}
