import type { Ops } from '../../src/demo/actors/ops.js';
import { Patient } from '../../src/demo/actors/patient.js';
import type { Payer } from '../../src/demo/actors/payer.js';
import type { Prescriber } from '../../src/demo/actors/prescriber.js';
import { commercialCard } from '../../src/demo/fates/cards.js';
import type { SandboxClient } from '../../src/demo/sandbox-client.js';
import type { PrescriptionOrder } from '../../src/modules/prescriptions/order/index.js';
import type { Kind } from './kinds.js';
import type { Watch } from './watch.js';

export interface Stage {
  appUrl: string;
  ops: Ops;
  prescriber: Prescriber;
  payer: Payer;
  sandbox: SandboxClient;
}

const pauseMs = 250;

/**
 * One prescription and its people. They know nothing of kills: they look where it stands, do what is theirs to do, and
 * when the answer is lost they look again.
 */
export class Course {
  private prescriptionId: string | undefined;
  private readonly patient: Patient;
  /** Answers that never came, or came as a refusal because an earlier try had worked. */
  repeats = 0;
  private lastFailure = 'nothing';

  constructor(
    readonly stage: Stage,
    readonly kind: Kind,
    readonly order: PrescriptionOrder,
    private readonly watch: Watch,
  ) {
    this.patient = new Patient(stage.appUrl, stage.sandbox, order.patient);
  }

  get id(): string {
    return this.prescriptionId ?? '';
  }

  /** The state it was last seen in. */
  get state(): string {
    return this.watch.stateOf(this.id) ?? 'not sent';
  }

  get isOver(): boolean {
    return this.state === this.kind.expected.state;
  }

  /** @param giveUpAt milliseconds since the epoch */
  async run(giveUpAt: number): Promise<void> {
    while (this.prescriptionId === undefined && Date.now() < giveUpAt) await this.attempt(() => this.send());
    while (!this.isOver && Date.now() < giveUpAt) {
      await this.watch.next();
      const act = this.acts[this.state];
      if (act !== undefined) await this.attempt(act);
    }
  }

  /** For the report: where it stands and what the last try ran into. */
  async whyNot(): Promise<string> {
    if (this.id === '') return `was never accepted; the last try: ${this.lastFailure}`;
    const { state, code, details } = await this.stage.ops.why(this.id);
    return `is ${state}, not ${this.kind.expected.state}: ${code} ${JSON.stringify(details)}; the last try: ${this.lastFailure}`;
  }

  private async send(): Promise<void> {
    this.prescriptionId = await this.stage.prescriber.send({ ...this.kind.sent, order: this.order });
  }

  private readonly acts: Readonly<Partial<Record<string, () => Promise<void>>>> = {
    awaiting_enrollment: () =>
      this.patient.enroll(this.kind.insured ? commercialCard(this.order.patient.externalId) : undefined),
    awaiting_pharmacy_selection: () => this.stage.ops.choosePharmacy(this.id, this.kind.pharmacy),
    awaiting_payment: async () => {
      if (this.kind.cancelled) await this.stage.ops.cancel(this.id, 'the patient changed their mind');
      else await this.stage.payer.pay(await this.patient.paymentLink());
    },
  };

  private async attempt(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.lastFailure = error instanceof Error ? error.message : String(error);
      this.repeats += 1;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}
