import { startPaymentsApp, type PaymentsApp } from '../support/payments-app.js';

interface Shown {
  status: string;
  disputes: { id: string; status: string; amountCents: number }[];
}

interface Entry {
  code: string;
  cause: { trigger: string; reason: string };
  details: { status: string; amountCents: number };
}

describe('a payment the sandbox’s bank takes back', () => {
  let app: PaymentsApp;
  let ops: string;

  beforeAll(async () => {
    app = await startPaymentsApp();
    ops = await app.user('ops');
  });
  afterAll(() => app.stop());

  const sandbox = async <T>(address: string, body?: object): Promise<T> =>
    (await (await app.sandbox.post(`/_sandbox/stripe/${address}`, body)).json()) as T;
  const read = async <T>(address: string): Promise<T> =>
    (await (await fetch(`${app.url}/api/${address}`, { headers: { authorization: ops } })).json()) as T;
  const paid = async () => {
    const id = await app.adjudicated(1500);
    await app.reaches(id, 'awaiting_payment');
    const [payment] = await app.sql<{ session_id: string; invoice_id: string }>(
      'SELECT session_id, invoice_id FROM payments WHERE prescription_id = $1',
      [id],
    );
    if (payment === undefined) throw new Error('no payment');
    await sandbox(`sessions/${payment.session_id}/pay`);
    await app.reaches(id, 'paid');
    return { id, sessionId: payment.session_id, invoiceId: payment.invoice_id };
  };
  const invoiceWith = (invoiceId: string, status: string) =>
    app.eventually(async () => {
      const shown = await read<Shown>(`invoices/${invoiceId}`);
      return shown.disputes[0]?.status === status ? shown : undefined;
    });
  const told = async (id: string): Promise<Entry[]> =>
    (await read<{ items: (Entry & { kind: string })[] }>(`prescriptions/${id}/timeline`)).items.filter(({ code }) =>
      code.startsWith('payment.dispute'),
    );

  it.each([
    ['won', 1500],
    ['lost', 0],
  ])('is seen by operations while it is open, and when it was %s', async (outcome, refundableCents) => {
    const { id, sessionId, invoiceId } = await paid();
    const { id: disputeId } = await sandbox<{ id: string }>(`sessions/${sessionId}/dispute`, { reason: 'fraudulent' });
    expect((await invoiceWith(invoiceId, 'needs_response')).disputes).toMatchObject([{ amountCents: 1500 }]);
    expect(await told(id)).toMatchObject([
      {
        code: 'payment.disputed',
        cause: { trigger: 'webhook', reason: 'fraudulent' },
        details: { status: 'needs_response', amountCents: 1500 },
      },
    ]);
    await sandbox(`disputes/${disputeId}/close`, { status: outcome });
    await invoiceWith(invoiceId, outcome);
    expect((await told(id)).map(({ code, details }) => `${code} ${details.status}`)).toEqual([
      `payment.disputed ${outcome}`,
      `payment.dispute-closed ${outcome}`,
    ]);
    expect(await app.sql('SELECT 1 FROM disputes WHERE prescription_id = $1', [id])).toHaveLength(1);
    const refund = await fetch(`${app.url}/api/invoices/${invoiceId}/refunds`, {
      method: 'POST',
      headers: { authorization: ops, 'content-type': 'application/json' },
      body: JSON.stringify({ amountCents: 1501, reason: 'asked' }),
    });
    expect([refund.status, await refund.json()]).toMatchObject([422, { refundableCents }]);
  });
});
