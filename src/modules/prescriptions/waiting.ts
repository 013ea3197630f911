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

/** A step explains the states it is responsible for. */
export interface WaitingProvider {
  states: readonly PrescriptionState[];
  explain(tx: Tx, prescription: Prescription): Promise<WaitingReason>;
}

/** Each step registers its own explanation in `onModuleInit`. */
@Injectable()
export class Waiting {
  private readonly providers = new Map<PrescriptionState, WaitingProvider>();

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
}
