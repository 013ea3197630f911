import { failureCodeOf, isGivenUp, retryWaitsMs, verdictOf, waitAfter } from './delivery.policy.js';
import { EndpointSlots } from './endpoint-slots.js';
import { bodyOf, webhookEventNames } from './event-catalog.js';
import { eventOf } from '../prescriptions/prescription.machine.js';

describe('tries', () => {
  it('come after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h and 10 h, and then no more', () => {
    const minutes = retryWaitsMs.map((wait) => wait / 60_000);
    expect(minutes).toEqual([1 / 12, 5, 30, 120, 300, 600, 600]);
    expect(waitAfter(1, 1)).toBe(5_000);
    expect(waitAfter(7, 0.5)).toBe(5 * 3_600_000);
    expect(waitAfter(8, 1)).toBeUndefined();
  });

  it.each([
    [200, 'delivered', null],
    [204, 'delivered', null],
    [299, 'delivered', null],
    [301, 'failed', 'redirected'],
    [307, 'failed', 'redirected'],
    [400, 'failed', 'refused'],
    [404, 'failed', 'refused'],
    [429, 'failed', 'refused'],
    [500, 'failed', 'refused'],
    [199, 'failed', 'refused'],
  ])('answered with %i have %s (%s)', (statusCode, outcome, failureCode) => {
    expect(verdictOf({ statusCode })).toEqual({ outcome, failureCode, isGone: false });
  });

  it('end for good with 410', () => {
    expect(verdictOf({ statusCode: 410 })).toEqual({ outcome: 'failed', failureCode: 'gone', isGone: true });
  });

  it.each([
    ['ECONNREFUSED', 'connection-refused'],
    ['ECONNRESET', 'connection-lost'],
    ['ENOTFOUND', 'name-unknown'],
    ['ETIMEDOUT', 'timeout'],
    ['HPE_INVALID_CONSTANT', 'not-http'],
    ['CERT_HAS_EXPIRED', 'tls'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls'],
    ['EHOSTUNREACH', 'unreachable'],
  ])('that end with %s are noted as %s', (code, failure) => {
    expect(failureCodeOf(code)).toBe(failure);
  });

  it('are given up after five days without a success, not a minute earlier', () => {
    const since = new Date('2026-11-01T00:00:00Z');
    expect(isGivenUp(since, new Date('2026-11-05T23:59:00Z'))).toBe(false);
    expect(isGivenUp(since, new Date('2026-11-06T00:00:00Z'))).toBe(true);
  });

  it('leave places for other endpoints', () => {
    const slots = new EndpointSlots();
    expect(Array.from({ length: 5 }, () => slots.take('slow'))).toEqual([true, true, true, true, false]);
    expect(slots.take('other')).toBe(true);
    slots.release('slow');
    expect(slots.take('slow')).toBe(true);
    expect(slots.take('slow')).toBe(false);
  });
});

describe('what is told', () => {
  it('is every event of the pipeline', () => {
    expect(webhookEventNames).toEqual(expect.arrayContaining(Object.values(eventOf)));
  });

  it('holds the form, the version and the ids, and nothing else an event may carry', () => {
    const body = bodyOf({
      event: 'payment_successful',
      occurredAt: new Date('2026-11-20T14:15:22.110Z'),
      payload: { paymentId: 'p', prescriptionId: 'rx', state: 'paid', firstName: 'Ada', linkId: 'l', ticketId: 't' },
    });
    expect(JSON.parse(body)).toEqual({
      type: 'payment_successful',
      version: 1,
      timestamp: '2026-11-20T14:15:22.110Z',
      data: { prescriptionId: 'rx', ticketId: 't', state: 'paid', paymentId: 'p' },
    });
  });

  it.each([
    [{ prescriptionId: 'rx', state: 'ready_for_pickup' }, 'READY_FOR_PICKUP'],
    [{ prescriptionId: 'rx', state: 'returned' }, 'FAILED'],
    [{ prescriptionId: 'rx', state: 'awaiting_payment' }, undefined],
    [{ ticketId: 't', state: 'processing' }, undefined],
  ])('says of a prescription what trackers call its state: %j', (payload, word) => {
    const { data } = JSON.parse(bodyOf({ event: 'e', occurredAt: new Date(), payload })) as { data: object };
    expect(data).toEqual({ ...payload, ...(word && { trackingStatus: word }) });
  });
});
