import { Module } from '@nestjs/common';
import { DirectoryModule } from '../directory/index.js';
import { PrescriptionsModule } from '../prescriptions/index.js';
import { ConsentsStore } from './consents.store.js';
import { CoverageDesk } from './coverage-desk.service.js';
import { CoveragesController } from './coverages.controller.js';
import { CoveragesStore } from './coverages.store.js';
import { EnrollmentAccess } from './enrollment-access.js';
import { EnrollmentCompensations } from './enrollment.compensations.js';
import { EnrollmentController } from './enrollment.controller.js';
import { EnrollmentWorker } from './enrollment.worker.js';
import { Enrollments } from './enrollments.service.js';
import { LinksStore } from './links.store.js';
import { EnrollmentPagesController } from './pages/enrollment-pages.controller.js';
import { EnrollmentPages } from './pages/enrollment-pages.service.js';
import { PatientEnrollment } from './patient-enrollment.service.js';
import { SessionsStore } from './sessions.store.js';

@Module({
  imports: [DirectoryModule, PrescriptionsModule],
  controllers: [EnrollmentController, EnrollmentPagesController, CoveragesController],
  providers: [
    ConsentsStore,
    CoverageDesk,
    CoveragesStore,
    EnrollmentAccess,
    EnrollmentCompensations,
    EnrollmentPages,
    EnrollmentWorker,
    Enrollments,
    LinksStore,
    PatientEnrollment,
    SessionsStore,
  ],
  exports: [Enrollments],
})
export class EnrollmentModule {}
