import { Refused } from '../../../platform/effects/index.js';
import { TryLater } from '../../../platform/jobs/index.js';
import { mailErrorOf } from './smtp.gateway.js';
import { smsErrorOf } from './twilio.gateway.js';

describe('errors of the mail server', () => {
  it('tell a refused recipient, a refused sign-in and silence apart', () => {
    expect(mailErrorOf({ code: 'EENVELOPE', responseCode: 550 })).toMatchObject({ code: 'email.unreachable' });
    expect(mailErrorOf({ code: 'EAUTH', responseCode: 535 })).toMatchObject({ code: 'email.sign-in-refused' });
    expect(mailErrorOf({ code: 'EMESSAGE', responseCode: 552 })).toBeInstanceOf(Refused);
    expect(mailErrorOf({ code: 'EENVELOPE', responseCode: 451 })).not.toBeInstanceOf(Refused);
    expect(mailErrorOf({ code: 'ETIMEDOUT' })).toMatchObject({ code: 'email.unanswered' });
  });

  it('keep nothing of what the server said', () => {
    expect(mailErrorOf({ code: 'EENVELOPE', responseCode: 550, message: 'no alex@example.com' }).message).not.toContain(
      'alex',
    );
  });
});

describe('errors of Twilio', () => {
  it('name the person and the number as reasons', () => {
    expect(smsErrorOf({ status: 400, code: 21610 })).toMatchObject({ code: 'sms.opted-out' });
    expect(smsErrorOf({ status: 400, code: 21614 })).toMatchObject({ code: 'sms.unreachable' });
    expect(smsErrorOf({ status: 400, code: 21606 })).toMatchObject({ code: 'twilio.21606' });
    expect(smsErrorOf({ status: 429, code: 20429 })).toBeInstanceOf(TryLater);
    expect(smsErrorOf({ status: 500, code: 20500 })).toMatchObject({ code: 'sms.unanswered' });
    expect(smsErrorOf(new Error('socket hang up'))).toMatchObject({ code: 'sms.unanswered' });
  });
});
