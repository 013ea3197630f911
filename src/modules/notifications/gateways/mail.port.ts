export interface Mail {
  /** Without angle brackets; the same on every try. */
  messageId: string;
  to: string;
  subject: string;
  text: string;
  html: string;
}

/** A refusal is `Refused`; no answer is any other error and the same mail may be handed over again. */
export abstract class MailGateway {
  /** False without credentials: `send` then throws Refused `vendor.off`. */
  abstract readonly isOn: boolean;

  /** @returns the server's word for the mail, when it has one */
  abstract send(mail: Mail): Promise<{ id: string }>;
}
