import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/db/index.js';
import { seesInside } from '../auth/index.js';
import { Pharmacies } from '../directory/index.js';
import { openQuestionOf, type OpenQuestion } from '../tickets/index.js';
import type { Prescription } from './prescription.entity.js';
import type { PrescriptionState } from './prescription.machine.js';
import { lookedInto, Waiting, type FailureAdvice, type WaitingReason } from './waiting.js';

interface OpenDeadLetter {
  id: string;
  job: string;
  reason: string;
  attempts: number;
  createdAt: Date;
  stops: boolean;
}

interface Retry {
  job: string;
  attempts: number;
  lastError: string;
  nextAt: Date;
}

type Sentence = Pick<WaitingReason, 'waitsFor' | 'who' | 'next'>;

/** States no step explains: the ends, and those a step leaves at once. */
const endings: Readonly<Partial<Record<PrescriptionState, Sentence>>> = {
  completed: {
    waitsFor: 'Nothing: the medicine was delivered and the record is closed.',
    who: 'nobody',
    next: 'Nothing happens any more.',
  },
  cancelled: {
    waitsFor: 'Nothing: the prescription was cancelled.',
    who: 'nobody',
    next: 'A new prescription is needed to go on.',
  },
  failed: {
    waitsFor: 'Nothing by itself: the delivery failed.',
    who: 'ops',
    next: 'Speak to the pharmacy and the patient; a later delivery report still counts.',
  },
  returned: {
    waitsFor: 'Nothing by itself: the parcel came back.',
    who: 'ops',
    next: 'Check the address with the patient; a later delivery report still counts.',
  },
};

const inProgress: Sentence = {
  waitsFor: 'The next step of the platform, which is due now.',
  who: 'platform',
  next: 'The step runs by itself; look again in a moment.',
};

const failureCode = 'prescription.dead-letter';

/** Where only the pharmacy can go on, and does not while it asks. */
const atPharmacy: ReadonlySet<PrescriptionState> = new Set(['sent_to_pharmacy', 'pharmacy_received', 'processing']);

/** Whom nobody here can ask: what is to come from there comes by a job of ours. */
const goesOnByItself: ReadonlySet<WaitingReason['who']> = new Set(['platform', 'payer']);

/**
 * What a prescription waits for: a failure that needs a hand first, then what the step in charge says. A failure from before the
 * last move stopped nothing: it is named beside the answer. Of failures and retries the parties learn only that one holds it up,
 * and that only where the platform should go on: a message that was refused must not tell who has to pay that there is nothing to do.
 */
@Injectable()
export class Why {
  constructor(
    private readonly waiting: Waiting,
    private readonly pharmacies: Pharmacies,
  ) {}

  async explain(tx: Tx, prescription: Prescription): Promise<WaitingReason> {
    const failures = await openDeadLetters(tx, prescription.id);
    const [failure, ...others] = failures;
    const inside = seesInside(tx.context);
    const stopping = failure?.stops === true ? failure : undefined;
    if (stopping !== undefined && inside) {
      const advice = this.waiting.adviceOn(stopping.reason, prescription.id);
      return explainFailure(stopping, others, advice);
    }
    const reason = await this.ofState(tx, prescription);
    if (stopping !== undefined && goesOnByItself.has(reason.who)) return heldUp(stopping);
    const [retries, question] = await Promise.all([
      inside ? retriesOf(tx, prescription.id) : [],
      openQuestionOf(tx, prescription.ticketId),
    ]);
    const details = {
      ...reason.details,
      ...(question !== undefined && { openQuestion: question }),
      ...(retries.length > 0 && { retries }),
      ...(inside && failures.length > 0 && { openFailures: failures.map(named) }),
    };
    if (question !== undefined && (await this.isAtPharmacy(tx, prescription)))
      return { ...explainQuestion(question), details };
    return Object.keys(details).length === 0 ? reason : { ...reason, details };
  }

  /** With a label of ours it is `shipped` before the pharmacy has filled it; the first scan says that the parcel has left. */
  private async isAtPharmacy(tx: Tx, { state, pharmacyId }: Prescription): Promise<boolean> {
    if (state !== 'shipped' || pharmacyId === null) return atPharmacy.has(state);
    return (await this.pharmacies.find(tx, pharmacyId))?.kind === 'platform_label';
  }

  private async ofState(tx: Tx, prescription: Prescription): Promise<WaitingReason> {
    const { state, stateSince } = prescription;
    const obstacle = await this.waiting.obstacle(tx, prescription);
    const provider = this.waiting.of(state);
    if (obstacle !== undefined && provider?.aboveObstacles === undefined) return obstacle;
    if (provider !== undefined) {
      const own = await provider.explain(tx, prescription);
      return obstacle === undefined || provider.aboveObstacles?.includes(own.code) === true ? own : obstacle;
    }
    return { code: `prescription.${state}`, since: stateSince, ...(endings[state] ?? inProgress) };
  }
}

function explainQuestion({ awaits, since, messageId }: OpenQuestion): WaitingReason {
  return {
    code: 'thread.question',
    waitsFor: 'an answer to a question on its ticket',
    who: awaits,
    since,
    next: `Answer it: POST /api/threads/:id/messages with "answers": "${messageId}".`,
  };
}

function heldUp({ createdAt }: OpenDeadLetter): WaitingReason {
  return { code: failureCode, since: createdAt, ...lookedInto };
}

function explainFailure(
  failure: OpenDeadLetter,
  others: readonly OpenDeadLetter[],
  advice: FailureAdvice | undefined,
): WaitingReason {
  const redrive = `POST /api/dead-letters/${failure.id}/redrive`;
  return {
    code: failureCode,
    waitsFor:
      advice?.waitsFor ??
      `The job ${failure.job} failed for good (${failure.reason}) after ${failure.attempts} attempt(s).`,
    who: 'ops',
    since: failure.createdAt,
    next: nextAfter(advice, redrive),
    details: {
      deadLetterId: failure.id,
      job: failure.job,
      reason: failure.reason,
      attempts: failure.attempts,
      others: others.map(named),
    },
  };
}

function nextAfter(advice: FailureAdvice | undefined, redrive: string): string {
  if (advice === undefined) return `Mend the cause, then ${redrive}.`;
  return advice.needsNoRedrive === true ? advice.next : `${advice.next} (${redrive})`;
}

function named({ id, job, reason }: OpenDeadLetter) {
  return { deadLetterId: id, job, reason };
}

/** Newest first. It stops the prescription where it stands unless that has moved since. */
function openDeadLetters(tx: Tx, prescriptionId: string): Promise<OpenDeadLetter[]> {
  return tx.query<OpenDeadLetter>(
    `SELECT id, subscriber AS job, reason, attempts, created_at AS "createdAt", NOT EXISTS (
       SELECT 1 FROM prescription_status_events e
       WHERE e.prescription_id = $1 AND e.moved AND e.recorded_at > dead_letters.created_at) AS stops
     FROM dead_letters WHERE aggregate_id = $1 AND redriven_at IS NULL ORDER BY created_at DESC, id DESC LIMIT 20`,
    [prescriptionId],
  );
}

function retriesOf(tx: Tx, prescriptionId: string): Promise<Retry[]> {
  return tx.query<Retry>(
    `SELECT subscriber AS job, attempts, last_error AS "lastError", due_at AS "nextAt" FROM outbox_events
     WHERE aggregate_id = $1 AND done_at IS NULL AND last_error IS NOT NULL ORDER BY due_at LIMIT 20`,
    [prescriptionId],
  );
}
