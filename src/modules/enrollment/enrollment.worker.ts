import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import { Handles, type JobRun } from '../../platform/jobs/index.js';
import { Schedules } from '../../platform/schedules/index.js';
import { FileReferences } from '../../platform/storage/index.js';
import { Organizations } from '../directory/index.js';
import { Coverages, Waiting, type Prescription, type WaitingReason } from '../prescriptions/index.js';
import { CoveragesStore } from './coverages.store.js';
import { cardFolder } from './card-upload.js';
import {
  beginJob,
  cardCheckJob,
  skipOthersJob,
  sweepEveryMs,
  sweepJob,
  type CardCheckPayload,
} from './enrollment.jobs.js';
import { linkStateOf } from './enrollment.policy.js';
import { Enrollments } from './enrollments.service.js';
import { LinksStore } from './links.store.js';

type Explanation = Omit<WaitingReason, 'since' | 'details'>;

const resend = 'Send a new link: POST /api/prescriptions/:id/enrollment.';

const explanations = {
  direct: {
    code: 'enrollment.not-needed',
    waitsFor: 'the choice of a pharmacy; on the direct path the pharmacy bills by itself',
    who: 'platform',
    next: 'Routing takes the prescription within seconds.',
  },
  notStarted: {
    code: 'enrollment.not-started',
    waitsFor: 'operations to start the enrollment; automatic enrollment is switched off for this organization',
    who: 'ops',
    next: 'Start it: POST /api/prescriptions/:id/enrollment.',
  },
  starting: {
    code: 'enrollment.starting',
    waitsFor: 'the enrollment to be prepared',
    who: 'platform',
    next: 'The patient gets a link within seconds, unless coverage and consent are on file.',
  },
} as const satisfies Record<string, Explanation>;

const byLink: Readonly<Record<ReturnType<typeof linkStateOf>, Explanation>> = {
  open: {
    code: 'enrollment.patient',
    waitsFor: 'the patient to confirm coverage and consent through the link that was sent',
    who: 'patient',
    next: `The patient opens the link. If it was lost: ${resend}`,
  },
  expired: {
    code: 'enrollment.link-expired',
    waitsFor: 'a new link: the last one was not used within 72 hours',
    who: 'ops',
    next: resend,
  },
  locked: {
    code: 'enrollment.link-locked',
    waitsFor: 'a new link: five wrong tries closed the last one',
    who: 'ops',
    next: `Check birth date, ZIP code and last name on file with the patient. ${resend}`,
  },
  revoked: { code: 'enrollment.link-revoked', waitsFor: 'a new link', who: 'ops', next: resend },
  used: {
    code: 'enrollment.completing',
    waitsFor: 'the completed enrollment to be recorded',
    who: 'platform',
    next: 'Routing follows at once.',
  },
};

/** Pictures belong to a coverage, or to a session until it is completed. */
const pictureKeys: readonly string[] = ['coverages', 'enrollment_sessions'].flatMap((table) =>
  ['front_key', 'back_key'].map((column) => `SELECT ${column} FROM ${table} WHERE ${column} = ANY($1::text[])`),
);

@Injectable()
export class EnrollmentWorker implements OnModuleInit {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly schedules: Schedules,
    private readonly files: FileReferences,
    private readonly waiting: Waiting,
    private readonly coverages: Coverages,
    private readonly organizations: Organizations,
    private readonly enrollments: Enrollments,
    private readonly coveragesStore: CoveragesStore,
    private readonly links: LinksStore,
  ) {}

  onModuleInit(): void {
    this.coverages.use({
      current: (tx, patientId) => this.coveragesStore.current(tx, patientId),
      cardCheck: (tx, prescriptionId, since) => this.enrollments.cardCheck(tx, prescriptionId, since),
    });
    this.schedules.add({ job: sweepJob, everyMs: sweepEveryMs });
    for (const keys of pictureKeys) this.files.register(cardFolder, keys);
    this.waiting.register({ states: ['validated'], explain: (tx, prescription) => this.validated(tx, prescription) });
    this.waiting.register({
      states: ['awaiting_enrollment'],
      explain: (tx, prescription) => this.awaitingEnrollment(tx, prescription),
    });
  }

  @Handles(beginJob)
  async begin({ prescriptionId }: { prescriptionId: string }, run: JobRun): Promise<void> {
    await this.db.tx(systemContext, (tx) => this.enrollments.begin(tx, prescriptionId, run));
  }

  @Handles(skipOthersJob)
  async skipOthers({ patientId }: { patientId: string }, run: JobRun): Promise<void> {
    await this.enrollments.skipOthers(patientId, run);
  }

  @Handles(cardCheckJob)
  async checkCard({ prescriptionId, claimedAt }: CardCheckPayload, run: JobRun): Promise<void> {
    const since = claimedAt === undefined ? undefined : new Date(claimedAt);
    await this.db.tx(systemContext, (tx) => this.enrollments.askForCardCheck(tx, prescriptionId, run, since));
  }

  @Handles(sweepJob)
  async sweep(): Promise<void> {
    await this.enrollments.sweep();
  }

  private async validated(tx: Tx, prescription: Prescription): Promise<WaitingReason> {
    const { organizationId, path, stateSince: since } = prescription;
    if (path === 'direct') return { ...explanations.direct, since };
    const { autoEnrollment } = await this.organizations.get(tx, organizationId);
    return { ...(autoEnrollment ? explanations.starting : explanations.notStarted), since };
  }

  private async awaitingEnrollment(tx: Tx, prescription: Prescription): Promise<WaitingReason> {
    const link = await this.links.newest(tx, prescription.id);
    const state = link === undefined ? 'revoked' : linkStateOf(link, this.clock.now());
    const details = link && {
      linkSentAt: link.createdAt.toISOString(),
      linkExpiresAt: link.expiresAt.toISOString(),
      wrongTries: link.failedTries,
    };
    return { ...byLink[state], since: prescription.stateSince, ...(details && { details }) };
  }
}
