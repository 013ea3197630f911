import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/db/index.js';
import type { Prescription } from './prescription.entity.js';
import type { PrescriptionState } from './prescription.machine.js';

/** What a prescription waits for, as `/why` shows it. Sentences name no patient data. */
export interface WaitingReason {
  /** Stable code, `module.reason`. */
  code: string;
  waitsFor: string;
  /** Who must act. */
  who: 'patient' | 'doctor' | 'pharmacy' | 'ops' | 'payer' | 'carrier' | 'platform' | 'nobody';
  since: Date;
  /** What happens next, or what to do. */
  next: string;
  /** Codes and ids worth showing: finding codes, reject codes, dates. */
  details?: Readonly<Record<string, unknown>>;
}

/** What the parties are told where staff reads what failed inside and how to mend it. */
export const lookedInto = {
  waitsFor: 'operations, who are looking into it',
  who: 'ops',
  next: 'Operations mend it; nothing has to be done here.',
} as const satisfies Pick<WaitingReason, 'waitsFor' | 'who' | 'next'>;

/** A step explains the states it is responsible for. */
export interface WaitingProvider {
  states: readonly PrescriptionState[];
  explain(tx: Tx, prescription: Prescription): Promise<WaitingReason>;
  /** Codes of its answers that stand whatever is in the way: what an obstacle asks for would not help, or be refused. */
  aboveObstacles?: readonly string[];
}

/** Something outside the step that keeps it from going on; it comes before most of the step's own explanations. */
export interface WaitingObstacle {
  states: readonly PrescriptionState[];
  /** @returns undefined while nothing is in the way */
  explain(tx: Tx, prescription: Prescription): Promise<WaitingReason | undefined>;
}

/** A failure that no cause to be mended explains: whoever redrives it must do something else before. */
export interface FailureAdvice {
  waitsFor: string;
  /** What to do before the redrive, and what that means then. */
  next: string;
  /** A redrive would only fail again. */
  needsNoRedrive?: true;
}

/** Of an order whose last day has passed, whichever step finds it. */
export const expiredOrder = (prescriptionId: string) =>
  ({
    waitsFor: 'a new order: the last day on which this one may be filled has passed',
    next: `Ask the doctor for a new order, then cancel this one: POST /api/prescriptions/${prescriptionId}/cancel.`,
    needsNoRedrive: true,
  }) as const satisfies FailureAdvice;

/** Each step registers its own explanation in `onModuleInit`. */
@Injectable()
export class Waiting {
  private readonly providers = new Map<PrescriptionState, WaitingProvider>();
  private readonly obstacles: WaitingObstacle[] = [];
  private readonly advice = new Map<string, (prescriptionId: string) => FailureAdvice>();

  /** @throws Error when a state is explained twice */
  register(provider: WaitingProvider): void {
    for (const state of provider.states) {
      if (this.providers.has(state)) throw new Error(`state ${state} is explained twice`);
      this.providers.set(state, provider);
    }
  }

  of(state: PrescriptionState): WaitingProvider | undefined {
    return this.providers.get(state);
  }

  /** What a dead letter of this reason asks for. @throws Error when a reason is explained twice */
  registerAdvice(reason: string, advise: (prescriptionId: string) => FailureAdvice): void {
    if (this.advice.has(reason)) throw new Error(`failure ${reason} is explained twice`);
    this.advice.set(reason, advise);
  }

  adviceOn(reason: string, prescriptionId: string): FailureAdvice | undefined {
    return this.advice.get(reason)?.(prescriptionId);
  }

  /** Reasons for which a redrive would only fail again: such a letter is done with when its prescription is. */
  reasonsWithoutRedrive(prescriptionId: string): string[] {
    return [...this.advice]
      .filter(([, advise]) => advise(prescriptionId).needsNoRedrive === true)
      .map(([reason]) => reason);
  }

  registerObstacle(obstacle: WaitingObstacle): void {
    this.obstacles.push(obstacle);
  }

  /** The first thing in the way, in the order of registration. */
  async obstacle(tx: Tx, prescription: Prescription): Promise<WaitingReason | undefined> {
    for (const obstacle of this.obstacles.filter(({ states }) => states.includes(prescription.state))) {
      const reason = await obstacle.explain(tx, prescription);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }
}
