import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Tx } from '../../platform/db/index.js';
import { Waiting, type Prescription, type PrescriptionState, type WaitingReason } from '../prescriptions/index.js';
import { NotificationsStore } from './notifications.store.js';
import { linkRules, unreachedBy } from './unreached.policy.js';

/** The step that made a link believes the patient has it; only here is it known that nobody got it. */
@Injectable()
export class NotificationsWaiting implements OnModuleInit {
  constructor(
    private readonly waiting: Waiting,
    private readonly notifications: NotificationsStore,
  ) {}

  onModuleInit(): void {
    this.waiting.registerObstacle({
      states: Object.keys(linkRules) as PrescriptionState[],
      explain: (tx, prescription) => this.explain(tx, prescription),
    });
  }

  private async explain(tx: Tx, { id, state, stateSince }: Prescription): Promise<WaitingReason | undefined> {
    const rule = linkRules[state];
    if (rule === undefined) return undefined;
    const channels = unreachedBy(rule, await this.notifications.ofPrescription(tx, id), stateSince);
    return (
      channels && {
        code: 'notification.nobody-reached',
        waitsFor: 'a way to reach the patient: no channel carried the link',
        who: 'ops',
        since: stateSince,
        next: `Correct email or phone (PATCH /api/patients/:id), then send a new link: ${rule.again}.`,
        details: { channels },
      }
    );
  }
}
