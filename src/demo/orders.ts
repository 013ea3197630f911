import type { PrescriptionOrder } from '../modules/prescriptions/order/index.js';
import { aPrescriber, Random, validOrder, type OrderContext, type UsState } from './generate/index.js';

/** The doctor of the demo's practice, the same in every run, so that its account sees its prescriptions. */
export const houseDoctor = aPrescriber(new Random('house doctor'), 1, 'NY');

/** Orders of people invented for one run: nobody is met twice, so every patient enrolls. */
export class Orders {
  private readonly random: Random;
  private readonly context: Omit<OrderContext, 'states' | 'index'>;
  private count = 0;

  /** @param seed another one for every run on the same data */
  constructor(seed: number, today: string) {
    this.random = new Random(seed);
    this.context = { seed, date: today, lines: new Map() };
  }

  /** A faultless order of this drug for somebody in this state. The patient, not the prescriber, names the card. */
  next(ndc: string, state: UsState): PrescriptionOrder {
    const context = { ...this.context, index: this.count, states: [state] };
    this.count += 1;
    const order = validOrder(this.random, context, (drug) => drug.ndc === ndc);
    Reflect.deleteProperty(order, 'coverage');
    return { ...order, prescriber: houseDoctor };
  }
}
