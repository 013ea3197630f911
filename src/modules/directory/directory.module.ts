import { Module } from '@nestjs/common';
import { AccessLogController } from './access-log.controller.js';
import { AccessLog } from './access-log.service.js';
import { DirectoryDesk } from './directory.desk.js';
import { DrugsController } from './drugs.controller.js';
import { Drugs } from './drugs.service.js';
import { OrganizationsController } from './organizations.controller.js';
import { Organizations } from './organizations.service.js';
import { PatientCorrections } from './patient-corrections.service.js';
import { PatientReviewsController } from './patient-reviews.controller.js';
import { PatientReviews } from './patient-reviews.service.js';
import { PatientsController } from './patients.controller.js';
import { Patients } from './patients.service.js';
import { PharmaciesController } from './pharmacies.controller.js';
import { Pharmacies } from './pharmacies.service.js';
import { ProvidersController } from './providers.controller.js';
import { Providers } from './providers.service.js';

@Module({
  controllers: [
    OrganizationsController,
    PharmaciesController,
    ProvidersController,
    PatientReviewsController,
    PatientsController,
    DrugsController,
    AccessLogController,
  ],
  providers: [
    DirectoryDesk,
    Organizations,
    Pharmacies,
    Providers,
    Patients,
    PatientCorrections,
    PatientReviews,
    Drugs,
    AccessLog,
  ],
  exports: [Organizations, Pharmacies, Providers, Patients, Drugs],
})
export class DirectoryModule {}
