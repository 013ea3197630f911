import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import { Handles, type JobRun } from '../../platform/jobs/index.js';
import { Waiting, type Prescription, type WaitingReason } from '../prescriptions/index.js';
import { validateJob, type ValidatePayload } from './validation.jobs.js';
import { Validation } from './validation.service.js';

@Injectable()
export class ValidationWorker implements OnModuleInit {
  constructor(
    private readonly db: Database,
    private readonly validation: Validation,
    private readonly waiting: Waiting,
  ) {}

  onModuleInit(): void {
    this.waiting.register({
      states: ['received'],
      explain: (_, prescription) => Promise.resolve(pending(prescription)),
    });
    this.waiting.register({
      states: ['validation_issue'],
      explain: (tx, prescription) => this.explainIssue(tx, prescription),
    });
  }

  @Handles(validateJob)
  async validate({ prescriptionId }: ValidatePayload, run: JobRun): Promise<void> {
    await this.db.tx(systemContext, (tx) => this.validation.validate(tx, prescriptionId, run));
  }

  private async explainIssue(tx: Tx, prescription: Prescription): Promise<WaitingReason> {
    const versions = await this.validation.versions(tx, prescription.id);
    const findings = versions.find(({ version }) => version === prescription.orderVersion)?.findings ?? [];
    const blocking = findings.filter(({ severity }) => severity === 'blocks');
    return {
      code: 'validation.issue',
      waitsFor: 'a correction of the prescription',
      // Without a usable prescriber there is nobody to ask, and ops has to find out who wrote it.
      who: prescription.providerId === null ? 'ops' : 'doctor',
      since: prescription.stateSince,
      next: 'Resubmit it with corrections: POST /api/prescriptions/:id/resubmit. Both versions are kept.',
      details: {
        version: prescription.orderVersion,
        findings: blocking.map(({ code, field, message }) => ({ code, field, message })),
        warnings: findings.filter(({ severity }) => severity === 'warns').length,
      },
    };
  }
}

function pending({ stateSince }: Prescription): WaitingReason {
  return {
    code: 'validation.pending',
    waitsFor: 'validation',
    who: 'platform',
    since: stateSince,
    next: 'It is validated within seconds; nothing to do.',
  };
}
