import { PaymentsModule } from '../../src/modules/payments/index.js';
import { Prescriptions, PrescriptionsModule, systemActor } from '../../src/modules/prescriptions/index.js';
import { WebhooksModule } from '../../src/modules/webhooks/index.js';
import { systemContext } from '../../src/platform/db/index.js';
import { startModules } from './module-app.js';
import { insertPrescription, stateOf } from './prescription-rows.js';
import { surroundings } from './surroundings.js';
import { eventually } from './until.js';

/** Webhooks and payments over HTTP with workers in the process and the sandbox's Stripe beside it; no other step. */
export async function startPaymentsApp() {
  const around = await surroundings('payments');
  const sandbox = await around.sandbox();
  const stripeSecret = sandbox.secrets.STRIPE_WEBHOOK_SECRET;
  const app = await startModules(around, {
    modules: [PrescriptionsModule, WebhooksModule, PaymentsModule],
    works: true,
    env: {
      STRIPE_SECRET_KEY: 'sk_test_sandbox',
      STRIPE_API_BASE: sandbox.url,
      STRIPE_WEBHOOK_SECRET: `whsec_the_new_one_of_a_rotation,${stripeSecret}`,
    },
  });
  return {
    ...app,
    sandbox,
    stripeSecret,
    eventually,
    /** A prescription whose claim is being approved now, as adjudication leaves it. */
    adjudicated: async (owedCents: number, organizationId = app.organizationId): Promise<string> => {
      const id = await insertPrescription(app, { organization_id: organizationId, state: 'pharmacy_selected' });
      await app.db.tx(systemContext, (tx) =>
        app.get(Prescriptions).move(tx, {
          id,
          action: 'approve_claim',
          actor: systemActor,
          trigger: 'worker',
          facts: { owedCents },
        }),
      );
      return id;
    },
    state: (id: string) => stateOf(app, id),
    /** Once the state is the wanted one. */
    reaches: (id: string, state: string) =>
      eventually(async () => ((await stateOf(app, id)) === state ? state : undefined)),
  };
}

export type PaymentsApp = Awaited<ReturnType<typeof startPaymentsApp>>;
