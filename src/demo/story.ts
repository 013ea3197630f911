import type { PrescriptionOrder } from '../modules/prescriptions/order/index.js';
import type { Ops } from './actors/ops.js';
import { Patient, type Card } from './actors/patient.js';
import type { Payer } from './actors/payer.js';
import type { Prescriber, SentOrder } from './actors/prescriber.js';
import { eventually, NotInTime } from './eventually.js';
import { follow, type Move } from './follow.js';
import type { Orders } from './orders.js';
import type { SandboxClient } from './sandbox-client.js';

/** Everyone and everything a story needs. */
export interface Stage {
  appUrl: string;
  /** Bearer token of operations, for the stream of moves. */
  token: string;
  ops: Ops;
  prescriber: Prescriber;
  payer: Payer;
  sandbox: SandboxClient;
  orders: Orders;
}

const finalStates: ReadonlySet<string> = new Set(['completed', 'cancelled', 'failed', 'returned']);

/** One prescription on its way, with the people around it. */
export class Story {
  readonly patient: Patient;
  readonly moves: Move[] = [];
  private prescriptionId: string | undefined;
  private readonly ending = new AbortController();

  constructor(
    readonly stage: Stage,
    readonly order: PrescriptionOrder,
    private readonly onMove: (move: Move) => void = () => undefined,
  ) {
    this.patient = new Patient(stage.appUrl, stage.sandbox, order.patient);
  }

  get id(): string {
    if (this.prescriptionId === undefined) throw new Error('the prescription was not sent yet');
    return this.prescriptionId;
  }

  get isSent(): boolean {
    return this.prescriptionId !== undefined;
  }

  get state(): string {
    return this.moves.at(-1)?.to ?? 'not sent';
  }

  /** Hands the order in and follows what becomes of it. */
  async send(how: Omit<SentOrder, 'order'>): Promise<void> {
    this.prescriptionId = await this.stage.prescriber.send({ ...how, order: this.order });
    const take = (move: Move) => {
      this.moves.push(move);
      this.onMove(move);
    };
    const source = { url: this.stage.appUrl, token: this.stage.token };
    // A stream that breaks shows as a state that is never reached.
    void follow(source, this.id, take, this.ending.signal).catch(() => undefined);
  }

  /**
   * Waits until the prescription has come to this state, `times` times.
   * @throws Error with what `/why` says when it does not, at once when the prescription has ended elsewhere
   */
  async reached(state: string, times = 1): Promise<void> {
    const there = () => this.moves.filter(({ to }) => to === state).length >= times;
    try {
      await eventually(`state ${state}`, async () => {
        if (there()) return true;
        if (finalStates.has(this.state)) throw new Error(`ended as ${this.state} instead of coming to ${state}`);
        return undefined;
      });
    } catch (error) {
      if (!(error instanceof NotInTime)) throw error;
      throw new Error(`${error.message}; ${await this.why()}`, { cause: error });
    }
  }

  async enroll(card?: Card): Promise<void> {
    await this.reached('awaiting_enrollment');
    await this.patient.enroll(card);
  }

  async choose(pharmacyName: string): Promise<void> {
    await this.reached('awaiting_pharmacy_selection');
    await this.stage.ops.choosePharmacy(this.id, pharmacyName);
  }

  /** The patient follows the link of the newest message and pays. */
  async pay(): Promise<void> {
    await this.reached('awaiting_payment');
    await this.stage.payer.pay(await this.patient.paymentLink());
  }

  /** One line: what it waits for, who must act, what comes next. */
  async why(): Promise<string> {
    const { state, waitsFor, who, next } = await this.stage.ops.why(this.id);
    return `${state} waits for ${waitsFor} (${who}). ${next}`;
  }

  end(): void {
    this.ending.abort();
  }
}
