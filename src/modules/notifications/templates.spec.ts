import { gsm7Length, singleSms } from './gsm7.policy.js';
import { channels, messageEvents, ticketEvents } from './notification.words.js';
import { messageRules } from './message-rules.policy.js';
import { renderStaffMail, staffTemplates } from './staff-templates.js';
import { renderMessage, templates, type MessageView, type PatientEvent } from './templates.js';

/** What a prescription, its patient and its claim hold; none of it may reach a lock screen. */
const secrets = [
  'Atorvastatin',
  '20 MG',
  'Tablet',
  '00071015623',
  '1000001',
  '1980-04-02',
  'April',
  '1 Main Street',
  'Springfield',
  '62701',
  'Example', // last name
  '15.00',
  '$',
  'E78.5',
  'Acme Health Plan',
  'once daily',
];
const drugWords = /\b(drug|medicine|medication|prescription|rx|pharmacy|dose|refill|insurance|diagnosis)\b/i;

const view: MessageView = {
  firstName: 'Alex',
  brand: 'Northwind Care',
  supportPhone: '1-800-SUPPORT',
  link: `https://care.example.com/t/${'a'.repeat(43)}`,
};
const patientEvents: readonly PatientEvent[] = [...messageEvents, 'message_posted'];
const viewOf = (event: PatientEvent): MessageView => {
  const { link, ...rest } = view;
  return event !== 'message_posted' && messageRules[event].carries === 'enrollment_code'
    ? { ...rest, code: '482913' }
    : { ...rest, ...(link && { link }) };
};
const all = patientEvents.flatMap((event) => channels.map((channel) => [event, channel] as const));

describe('message templates', () => {
  it.each(all)('%s by %s says nothing a stranger may not read', (event, channel) => {
    const { subject = '', text, html = '' } = renderMessage(event, channel, viewOf(event));
    const everything = [subject, text, html].join('\n');
    for (const secret of secrets) expect(everything).not.toContain(secret);
    expect(everything.replaceAll(view.brand, '')).not.toMatch(drugWords);
  });

  it.each(patientEvents)('%s fits one GSM-7 message that names the sender and the way out', (event) => {
    const { text } = renderMessage(event, 'sms', viewOf(event));
    expect(gsm7Length(text)).toBeLessThanOrEqual(singleSms);
    expect(text).toMatch(/^Northwind Care: .*Reply STOP to opt out$/);
  });

  it.each(patientEvents)('%s asks nobody to call a link', (event) => {
    expect(renderMessage(event, 'sms', viewOf(event)).text).not.toMatch(/call us: http/);
  });

  it.each(patientEvents)('%s carries its link or code in both forms of the email', (event) => {
    const seen = viewOf(event);
    const { text, html } = renderMessage(event, 'email', seen);
    const carried = seen.link ?? seen.code ?? 'nothing';
    expect(text).toContain(carried);
    expect(html).toContain(carried);
    expect(text).toContain('Hello Alex,');
    expect(text).toContain('1-800-SUPPORT');
  });

  it('message_posted without a page to read it on asks for a call, and for no sign-in', () => {
    const { firstName, brand, supportPhone } = view;
    for (const channel of channels) {
      const { text, html = '' } = renderMessage('message_posted', channel, { firstName, brand, supportPhone });
      expect(text).toMatch(/please call us: 1-800-SUPPORT/i);
      expect(text + html).not.toMatch(/sign in|https?:/);
    }
  });

  it.each([
    ['shipping_label_generated', /packed|handed to the carrier/],
    ['delivered', /the carrier reports/i],
    ['card_check_link_created', /could not be confirmed/],
    ['payment_link_renewed', /has run out/],
  ] as const)('%s claims nothing nobody has reported', (event, claim) => {
    expect(renderMessage(event, 'email', view).text).not.toMatch(claim);
    expect(templates[event].version).toBe(2);
  });

  it.each(ticketEvents)('%s to staff names the ticket, and nobody on it', (event) => {
    const ticketId = '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f12';
    const link = `https://care.example.com/api/tickets/${ticketId}`;
    const { subject = '', text, html = '' } = renderStaffMail(event, { brand: view.brand, ticketId, link });
    for (const form of [text, html]) expect(form).toContain(link);
    const everything = [subject, text, html].join('\n');
    for (const secret of [...secrets, view.firstName, view.supportPhone]) expect(everything).not.toContain(secret);
  });

  it('drops the name, then the hint, before a text grows beyond one message', () => {
    const sms = (firstName: string, link: string) =>
      renderMessage('delivered', 'sms', { ...view, firstName, link }).text;
    expect(sms('A'.repeat(60), view.link ?? '')).not.toContain('AAAA');
    const long = `https://checkout.example.com/${'x'.repeat(300)}`;
    expect(sms('Alex', long)).toBe(`Northwind Care: your order was delivered: ${long}`);
  });

  it('spells names outside of the alphabet as near as it can, or leaves them out', () => {
    const sms = (firstName: string) => renderMessage('delivered', 'sms', { ...view, firstName }).text;
    expect(sms('Zoë')).toContain('Zoe,');
    expect(sms('José')).toContain('José,');
    expect(sms('美咲')).toMatch(/^Northwind Care: your order/);
  });

  it('shows names as text: no markup, no second header line', () => {
    const { subject, html } = renderMessage('delivered', 'email', {
      ...view,
      firstName: '<b>Eve</b>',
      brand: 'Care\r\nBcc: all@example.com',
    });
    expect(html).toContain('&lt;b&gt;Eve&lt;/b&gt;');
    expect(subject).not.toMatch(/[\r\n]/);
  });

  it('has a template and a version for every message', () => {
    expect(Object.keys(templates).sort()).toEqual(patientEvents.toSorted());
    expect(Object.keys(staffTemplates).sort()).toEqual(ticketEvents.toSorted());
    for (const { version } of [...Object.values(templates), ...Object.values(staffTemplates)])
      expect(version).toBeGreaterThanOrEqual(1);
  });
});
