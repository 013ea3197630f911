import { currentConsentText } from '../../src/modules/enrollment/index.js';
import { NotificationsWorker } from '../../src/modules/notifications/notifications.worker.js';
import { Prescriptions, systemActor } from '../../src/modules/prescriptions/index.js';
import { systemContext } from '../../src/platform/db/index.js';
import {
  clockIn,
  hour,
  laterTexas,
  startReminders,
  type Reminded,
  type RemindersApp,
} from '../support/reminders-app.js';
import { eventually, until } from '../support/until.js';

const minute = 60_000;

describe('a reminder', () => {
  let app: RemindersApp;

  beforeAll(async () => {
    app = await startReminders();
  });
  afterAll(() => app.stop());
  beforeEach(() => app.nextWeek());

  /** Of two letters by two channels the second ones. */
  const words = async ({ email, phone }: Reminded) => {
    const [mail, text] = [(await app.mails(email))[1], (await app.texts(phone))[1]];
    return { mail: [mail?.subject, mail?.text, mail?.html].join('\n'), text: text?.body ?? '' };
  };
  const tokenOf = (text: string | undefined) => /\/enroll\/([\w-]{43})/.exec(text ?? '')?.[1] ?? '';
  const tokenSentTo = async ({ email }: Reminded) => tokenOf((await app.mails(email))[0]?.text);
  const moves = ({ id }: Reminded, action: 'select_pharmacy' | 'reject_claim' | 'complete_enrollment') =>
    app.db.tx(systemContext, (tx) =>
      app.get(Prescriptions).move(tx, { id, action, actor: systemActor, trigger: 'worker' }),
    );
  /** Nothing came of the reminders that were due. */
  const isLeftAlone = async (one: Reminded, letters = [1, 1]) => {
    await app.looked(one.id);
    expect(await app.reminders(one.id)).toEqual([]);
    expect(await app.counts(one)).toEqual(letters);
  };

  /** The vendor was asked for the reminder and did not say what became of it; the job waits to ask again. */
  const isUnanswered = ({ id }: Reminded, channel: string) =>
    until(async () => {
      const tries = await app.sql(
        `SELECT 1 FROM notification_attempts a JOIN notifications n ON n.id = a.notification_id
         JOIN outbox_events o ON o.payload->>'notificationId' = n.id::text
         WHERE o.last_error IS NOT NULL AND o.dispatched_at IS NULL AND n.prescription_id = $1 AND n.channel = $2 AND n.event LIKE '%_reminder' AND a.outcome = 'unanswered'`,
        [id, channel],
      );
      return tries.length === 1;
    });

  describe('of an enrollment', () => {
    it('is sent once, a day after the link, with the link that was sent, and says nothing of the patient', async () => {
      const one = await app.enrolling();
      app.clock.advance(24 * hour - minute);
      expect(await app.asked(one.id)).toMatchObject([{ done: false }]);
      await isLeftAlone(one);
      app.clock.advance(minute);
      await app.sent(one.id, 'enrollment_reminder');
      const { mail, text } = await words(one);
      const token = await tokenSentTo(one);
      expect(token).not.toBe('');
      expect(mail).toContain('Test: your order is waiting for you');
      for (const letter of [mail, text]) {
        expect(tokenOf(letter)).toBe(token);
        for (const word of ['Secretol', 'Marsh', '1980', one.email]) expect(letter).not.toContain(word);
      }
      app.clock.advance(47 * hour);
      await app.looked(one.id);
      expect(await app.counts(one)).toEqual([2, 2]);
      const told = (await app.timeline(one)).filter(({ details }) => details['event'] === 'enrollment_reminder');
      expect(told.map(({ code }) => code)).toEqual(
        expect.arrayContaining(['notification.composed', 'notification.sent']),
      );
    });

    it('is sent once however often its job runs', async () => {
      const one = await app.enrolling();
      app.clock.advance(24 * hour);
      await app.sent(one.id, 'enrollment_reminder');
      const [asked] = await app.asked(one.id);
      const payload = { prescriptionId: one.id, event: 'enrollment_reminder', linkId: '', round: 0 } as const;
      const run = () => ({ outboxId: asked?.outboxId ?? '', attempt: 2, closed: false });
      await Promise.all(
        [run(), run()].map((again) =>
          app.get(NotificationsWorker).remind({ ...payload, linkId: asked?.payload.linkId ?? '' }, again),
        ),
      );
      await app.sql('UPDATE outbox_events SET done_at = NULL, due_at = $2 WHERE id = $1', [
        asked?.outboxId,
        app.clock.now(),
      ]);
      await app.looked(one.id);
      expect(await app.reminders(one.id)).toHaveLength(2);
      expect(await app.counts(one)).toEqual([2, 2]);
      expect((await app.mails(one.email)).map(({ receipts }) => receipts)).toEqual([1, 1]);
    });

    it('is sent once when the answer of the vendor was lost after the effect', async () => {
      const one = await app.enrolling();
      await app.sandbox.post('/_sandbox/faults', { vendor: 'twilio', kind: '500_after', match: { method: 'POST' } });
      app.clock.advance(24 * hour);
      await isUnanswered(one, 'sms');
      app.clock.advance(minute);
      await app.sent(one.id, 'enrollment_reminder');
      expect(await app.counts(one)).toEqual([2, 2]);
    });

    it('is not sent to who has enrolled', async () => {
      const one = await app.enrolling();
      const api = `/api/enrollment/${await tokenSentTo(one)}`;
      const session = await app.call('POST', `${api}/verify`, {
        birthDate: '1980-02-29',
        zip: '78701',
      });
      const consent = { version: currentConsentText().version, accepted: true };
      const headers = { 'x-enrollment-session': session.body['sessionToken'] };
      expect((await app.call('POST', api, { coverage: { cash: true }, consent }, headers)).status).toBe(200);
      app.clock.advance(24 * hour);
      await isLeftAlone(one);
    });

    it('is of the link that replaced the first one, at its own time', async () => {
      const one = await app.enrolling();
      app.clock.advance(23 * hour);
      expect((await app.call('POST', `/api/prescriptions/${one.id}/enrollment`)).status).toBe(201);
      await app.sent(one.id, 'enrollment_link_renewed');
      app.clock.advance(hour);
      await isLeftAlone(one, [2, 2]);
      app.clock.advance(23 * hour);
      await app.sent(one.id, 'enrollment_reminder');
      const [, second, third] = await app.mails(one.email);
      expect(tokenOf(third?.text)).toBe(tokenOf(second?.text));
      expect(await app.counts(one)).toEqual([3, 3]);
    });

    it('is also of a card to be checked, and not sent when its claim was settled otherwise', async () => {
      const [one, other] = [await app.checkingCard(), await app.checkingCard()];
      await moves(other, 'select_pharmacy');
      app.clock.advance(24 * hour);
      await app.sent(one.id, 'enrollment_reminder');
      await isLeftAlone(other);
    });

    /** The claim was sent again, and the payer's answer is about something else. */
    const rejectedAnew = async (one: Reminded) => {
      await moves(one, 'select_pharmacy');
      await moves(one, 'reject_claim');
    };

    it('is not of a card the payer asks for no more, though its link is open', async () => {
      const one = await app.checkingCard();
      app.clock.advance(minute);
      await rejectedAnew(one);
      app.clock.advance(24 * hour);
      await isLeftAlone(one);
    });

    it('is not sent of a card the payer asks for no more when its vendor takes it', async () => {
      const one = await app.checkingCard();
      await app.sandbox.post('/_sandbox/faults', { vendor: 'twilio', kind: '500_before' });
      app.clock.advance(24 * hour);
      await isUnanswered(one, 'sms');
      await rejectedAnew(one);
      // Not before: the vendor is asked again as soon as the clock moves.
      app.clock.advance(minute);
      await until(async () => (await app.reminders(one.id)).some(({ reason }) => reason === 'superseded'));
      expect((await app.texts(one.phone)).length).toBe(1);
    });

    it('waits for the morning where the patient is', async () => {
      const one = await app.enrolling();
      // 21:00 in Chicago, and Texas is in two zones: the morning is Denver's.
      app.clock.advance(34 * hour);
      await isLeftAlone(one);
      app.clock.advance(12 * hour - minute);
      await isLeftAlone(one);
      app.clock.advance(minute);
      await app.sent(one.id, 'enrollment_reminder');
    });

    it('waits for the morning also where the order goes', async () => {
      const one = await app.enrolling('HI');
      // Noon in New York is before eight in Honolulu, in winter and in summer.
      app.clock.advance(24 * hour);
      await isLeftAlone(one);
      app.clock.advance(2 * hour);
      await app.sent(one.id, 'enrollment_reminder');
    });

    it('waits for the morning also when its vendor was away in the evening', async () => {
      // 20:55 in Chicago.
      app.clock.advance(10 * hour - 5 * minute);
      const one = await app.enrolling();
      await app.sandbox.post('/_sandbox/faults', { vendor: 'twilio', kind: '500_before' });
      app.clock.advance(24 * hour);
      await isUnanswered(one, 'sms');
      app.clock.advance(10 * minute);
      await app.waitsForMorning(one.id);
      expect((await app.texts(one.phone)).length).toBe(1);
      app.clock.advance(12 * hour - 5 * minute);
      await app.sent(one.id, 'enrollment_reminder');
      expect(await app.counts(one)).toEqual([2, 2]);
    });

    it('is not sent to a number that said STOP', async () => {
      const one = await app.enrolling();
      const stop = { from: one.phone, to: '+15005550006', body: 'STOP' };
      await app.sandbox.post('/_sandbox/twilio/inbound', stop);
      await until(async () => (await app.sql('SELECT 1 FROM opt_outs WHERE ended_at IS NULL')).length === 1);
      app.clock.advance(24 * hour);
      await until(async () => (await app.reminders(one.id)).some(({ status }) => status === 'sent'));
      expect(await app.reminders(one.id)).toMatchObject([
        { channel: 'email', status: 'sent' },
        { channel: 'sms', status: 'suppressed', reason: 'opted_out' },
      ]);
      expect((await app.mails(one.email)).length).toBe(2);
    });

    it('is not sent when what it says is over before its vendor takes it', async () => {
      const one = await app.enrolling();
      await app.sandbox.post('/_sandbox/faults', { vendor: 'smtp', kind: '500_before' });
      app.clock.advance(24 * hour);
      await isUnanswered(one, 'email');
      await moves(one, 'complete_enrollment');
      app.clock.advance(minute);
      await until(async () => (await app.reminders(one.id)).some(({ reason }) => reason === 'superseded'));
      expect((await app.mails(one.email)).length).toBe(1);
    });
  });

  describe('of a payment', () => {
    it('is sent once, when half of the time to pay is over', async () => {
      const one = await app.paying();
      app.clock.advance(12 * hour - 10 * minute);
      await isLeftAlone(one);
      // The night between, in Texas.
      app.clock.advance(11 * hour);
      await app.sent(one.id, 'payment_reminder');
      const { mail, text } = await words(one);
      for (const letter of [mail, text]) expect(letter).toContain(one.url);
      expect(await app.counts(one)).toEqual([2, 2]);
    });

    it('is not sent to who has paid', async () => {
      const one = await app.paying();
      await app.db.tx(systemContext, (tx) =>
        app.get(Prescriptions).move(tx, { id: one.id, action: 'settle', actor: { kind: 'payer' }, trigger: 'webhook' }),
      );
      app.clock.advance(23 * hour);
      await isLeftAlone(one);
    });

    it('is not sent about money that came in and is looked into', async () => {
      const one = await app.paying();
      await app.sql(`UPDATE payments SET finding = 'payment.amount-mismatch' WHERE prescription_id = $1`, [one.id]);
      app.clock.advance(23 * hour);
      await isLeftAlone(one);
    });

    it.each([
      ['TX', laterTexas],
      ['HI', 'Pacific/Honolulu'],
    ])(
      'comes to the phone in the morning when a link renewed itself at night (to %s), at once when somebody asked',
      async (state, zone) => {
        const one = await app.paying(state);
        // 02:30 in Texas.
        app.clock.advance(15.5 * hour);
        const textDue = async (origin: 'renewal' | 'manual') => {
          await app.paymentLink(one.id, origin);
          await app.looked(one.id);
          return eventually(async () => {
            const rows = await app.sql<{ due: Date; made: Date }>(
              `SELECT o.due_at AS due, n.created_at AS made FROM notifications n JOIN outbox_events o ON o.payload ->> 'notificationId' = n.id::text
             WHERE n.prescription_id = $1 AND n.event = 'payment_link_renewed' AND n.channel = 'sms' ORDER BY n.id`,
              [one.id],
            );
            return rows.length === (origin === 'renewal' ? 1 : 2) ? rows.at(-1) : undefined;
          });
        };
        const renewed = await textDue('renewal');
        expect(clockIn(zone, renewed.due)).toBe('08:00');
        const asked = await textDue('manual');
        expect(asked.due.getTime() - asked.made.getTime()).toBeLessThan(5 * minute);
      },
    );

    it('is the letter of a link that came in place of one that ran out, and no other', async () => {
      const one = await app.paying();
      app.clock.advance(hour);
      await app.paymentLink(one.id, 'renewal');
      await app.sent(one.id, 'payment_link_renewed');
      app.clock.advance(23 * hour);
      await isLeftAlone(one, [2, 2]);
      expect(await app.asked(one.id)).toHaveLength(1);
      await app.paymentLink(one.id, 'manual');
      await until(async () => (await app.asked(one.id)).length === 2);
    });
  });
});

describe('with reminders switched off', () => {
  it('nobody is reminded', async () => {
    const app = await startReminders({ env: { REMINDER_AFTER_HOURS: '0' } });
    try {
      const one = await app.enrolling();
      expect(await app.asked(one.id)).toEqual([]);
    } finally {
      await app.stop();
    }
  });
});
