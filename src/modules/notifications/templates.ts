import { emailOf, oneLine } from './email-layout.js';
import { fittingSms, toGsm7 } from './gsm7.policy.js';
import type { Channel, MessageEvent } from './notification.words.js';

/** What a patient is told: about an order, or that there is something to read. */
export type PatientEvent = MessageEvent | 'message_posted';

/**
 * All a message may know (45 CFR 164.502(b), minimum necessary): assume anyone reads the lock screen. There is no drug, no
 * prescription number, no birth date, no address and no amount here, so no template can name one.
 */
export interface MessageView {
  firstName: string;
  brand: string;
  supportPhone: string;
  /** An address with an opaque token. */
  link?: string;
  /** One-time code, typed on the page. */
  code?: string;
}

export interface RenderedMessage {
  template: string;
  version: number;
  /** Email only. */
  subject?: string;
  text: string;
  /** Email only. */
  html?: string;
}

interface Template {
  /** Raised with every change of wording: a stored message names the wording it was made with. */
  version: number;
  subject: (view: MessageView) => string;
  /** Sentences of the email, and the words on its button. */
  paragraphs: (view: MessageView) => string[];
  button?: string;
  /** The SMS without greeting, link and opt-out hint. GSM-7 only. */
  sms: string | ((view: MessageView) => string);
}

export const templates: Readonly<Record<PatientEvent, Template>> = {
  enrollment_started: {
    version: 1,
    subject: ({ brand }) => `${brand}: one step is needed for your order`,
    paragraphs: ({ brand }) => [
      `${brand} has received your order. Before it can go on, please confirm your details and tell us how you would like to pay.`,
      'It takes about three minutes. The link works for 72 hours and is for you only.',
    ],
    button: 'Continue with your order',
    sms: 'please complete your order:',
  },
  enrollment_link_renewed: {
    version: 1,
    subject: ({ brand }) => `${brand}: your new link`,
    paragraphs: () => [
      'Here is the new link to continue with your order. The earlier one does not work any more.',
      'The link works for 72 hours and is for you only.',
    ],
    button: 'Continue with your order',
    sms: 'your new link for your order:',
  },
  card_check_link_created: {
    version: 2,
    subject: ({ brand }) => `${brand}: please check your card`,
    paragraphs: () => [
      // One letter for a card that is missing, that is wrong, that no pharmacy takes, and whose plan says that another one pays first.
      'Your order is waiting: we could not bill a card for it. Please check your card and correct what is wrong, give us the card of another plan if that one pays first, or tell us how you would like to pay instead.',
      'The order goes on by itself afterwards. The link works for 72 hours and is for you only.',
    ],
    button: 'Check your card',
    sms: 'your order waits. Please check your card:',
  },
  enrollment_reminder: {
    version: 1,
    subject: ({ brand }) => `${brand}: your order is waiting for you`,
    paragraphs: () => [
      'Your order cannot go on yet: one step of yours is missing. It takes about three minutes.',
      'The link is the one we sent you before, and is for you only. If you need nothing from us any more, you may ignore this message.',
    ],
    button: 'Continue with your order',
    sms: 'your order is waiting for you:',
  },
  enrollment_code_requested: {
    version: 1,
    subject: ({ brand }) => `${brand}: your code`,
    paragraphs: ({ code = '' }) => [
      `Your code is ${code}. Type it on the page you have open; it works for 10 minutes.`,
      'We never ask for this code by phone. If you did not ask for it, ignore this message.',
    ],
    sms: 'your code, valid for 10 minutes:',
  },
  payment_link_created: {
    version: 1,
    subject: ({ brand }) => `${brand}: your order is ready to be paid`,
    paragraphs: () => [
      'Your order is ready. Once it is paid we prepare it and send it to you.',
      'You pay on a secure page; the amount is shown there before you pay.',
    ],
    button: 'Pay for your order',
    sms: 'your order is ready to be paid:',
  },
  payment_link_renewed: {
    version: 2,
    subject: ({ brand }) => `${brand}: your new payment link`,
    // It ran out, a payment on it failed, or somebody asked for another.
    paragraphs: () => [
      'Your earlier payment link does not work any more. Here is a new one; your order is kept for you.',
    ],
    button: 'Pay for your order',
    sms: 'your new payment link:',
  },
  payment_reminder: {
    version: 1,
    subject: ({ brand }) => `${brand}: your order is waiting to be paid`,
    paragraphs: () => [
      'Your order is ready and has not been paid yet. Once it is paid we prepare it and send it to you.',
      'The link is the one we sent you before. If you need nothing from us any more, you may ignore this message.',
    ],
    button: 'Pay for your order',
    sms: 'your order is waiting to be paid:',
  },
  ready_for_pickup: {
    version: 1,
    subject: ({ brand }) => `${brand}: your order is ready`,
    // One letter for an order that waits at the counter and for one that is to be sent: the pharmacy says no more than this.
    paragraphs: ({ supportPhone }) => [
      'Your order is ready. If you agreed to pick it up, you can do so now; please bring an identity document.',
      `If it is to be sent to you, there is nothing to do: we tell you when it is on its way. If you are not sure, call us: ${supportPhone}.`,
    ],
    button: 'Follow your order',
    sms: 'your order is ready to be picked up or sent:',
  },
  shipping_label_generated: {
    version: 2,
    subject: ({ brand }) => `${brand}: your order is being shipped`,
    // One letter for a label that was just made and for a pharmacy that has shipped.
    paragraphs: () => ['Your order is ready for the carrier or on its way already. You can follow it at any time.'],
    button: 'Follow your order',
    sms: 'your order is being shipped. Follow it:',
  },
  out_for_delivery: {
    version: 1,
    subject: ({ brand }) => `${brand}: your order arrives today`,
    paragraphs: () => ['Your order is with the driver and should arrive today. Someone may have to sign for it.'],
    button: 'Follow your order',
    sms: 'your order arrives today:',
  },
  delivered: {
    version: 2,
    subject: ({ brand }) => `${brand}: your order was delivered`,
    paragraphs: ({ supportPhone }) => [
      'We were told that your order was delivered.',
      `If it is not there, or not as expected, call us: ${supportPhone}.`,
    ],
    button: 'See your order',
    sms: 'your order was delivered:',
  },
  picked_up: {
    version: 1,
    subject: ({ brand }) => `${brand}: your order was picked up`,
    paragraphs: ({ supportPhone }) => [
      'We were told that your order was picked up.',
      `If that was neither you nor somebody you sent, call us: ${supportPhone}.`,
    ],
    button: 'See your order',
    sms: 'your order was picked up:',
  },
  cancelled: {
    version: 1,
    subject: ({ brand }) => `${brand}: your order was cancelled`,
    paragraphs: ({ supportPhone }) => [
      'Your order was cancelled. If you paid for it, the money goes back the way it came.',
      `If this surprises you, call us: ${supportPhone}.`,
    ],
    button: 'See your order',
    sms: 'your order was cancelled:',
  },
  undelivered: {
    version: 2,
    subject: ({ brand }) => `${brand}: your order could not be delivered`,
    paragraphs: ({ supportPhone }) => [
      'Your order could not be delivered. If you paid for it, the money goes back the way it came.',
      `Call us, so that we can find out what you need: ${supportPhone}.`,
    ],
    button: 'See your order',
    // A link follows, whose page names the phone.
    sms: 'your order could not be delivered. Next steps:',
  },
  // Without a link to whom no page shows it.
  message_posted: {
    version: 2,
    subject: ({ brand }) => `${brand}: you have a new message`,
    paragraphs: ({ link, supportPhone }) => [
      link === undefined
        ? `We have a message for you. It is not repeated here; please call us: ${supportPhone}.`
        : 'You have a new message. It is not repeated here; sign in to read it and to answer.',
    ],
    button: 'Open your page',
    sms: ({ link }) => (link === undefined ? 'we have a message for you. Please call us:' : 'you have a new message:'),
  },
};

const optOutHint = 'Reply STOP to opt out';

const renderers: Readonly<
  Record<Channel, (template: Template, view: MessageView) => Omit<RenderedMessage, 'template' | 'version'>>
> = { email: renderEmail, sms: renderSms };

/** The same view gives the same text, for ever: a repeated try must look like the first. */
export function renderMessage(event: PatientEvent, channel: Channel, view: MessageView): RenderedMessage {
  const template = templates[event];
  return { template: event, version: template.version, ...renderers[channel](template, view) };
}

function renderEmail(template: Template, view: MessageView) {
  const { brand, supportPhone, link } = view;
  return emailOf({
    subject: oneLine(template.subject(view)),
    greeting: `Hello ${oneLine(view.firstName)},`,
    paragraphs: template.paragraphs(view),
    button: template.button,
    link,
    brand,
    supportPhone,
  });
}

/** Names the sender, says one thing, and how to stop; the name of the person goes first when it does not fit. */
function renderSms({ sms }: Template, view: MessageView) {
  const { brand, firstName, link, code, supportPhone } = view;
  const sender = toGsm7(oneLine(brand)) ?? 'Your pharmacy';
  const name = toGsm7(oneLine(firstName));
  const said = `${typeof sms === 'string' ? sms : sms(view)} ${link ?? code ?? supportPhone}`;
  const plain = `${sender}: ${said} ${optOutHint}`;
  const bare = `${sender}: ${said}`;
  if (name === undefined) return { text: fittingSms([plain, bare]) };
  return { text: fittingSms([`${sender}: ${name}, ${said} ${optOutHint}`, plain, bare]) };
}
