import { Injectable } from '@nestjs/common';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import { contextOf, type Principal } from '../auth/index.js';
import { Patients, Pharmacies, Providers } from '../directory/index.js';
import type { PrescriptionOrder } from '../prescriptions/index.js';
import { ticketFail, Tickets, type Ticket } from '../tickets/index.js';
import type { Incoming, IntakeAnswer } from './incoming.js';
import { Intake } from './intake.service.js';

type Parties = Pick<PrescriptionOrder, 'patient' | 'prescriber' | 'pharmacy'>;

/** What a ticket says and an order therefore must not. */
const ofTheTicket = ['patient', 'prescriber', 'pharmacy'] as const;

/** Prescriptions a person writes on a ticket: through the same door, validation and pipeline as any other. */
@Injectable()
export class TicketOrders {
  constructor(
    private readonly db: Database,
    private readonly tickets: Tickets,
    private readonly patients: Patients,
    private readonly providers: Providers,
    private readonly pharmacies: Pharmacies,
    private readonly intake: Intake,
  ) {}

  /**
   * Whether the ticket is open intake asks, who knows repeats: they are answered also when it has ended.
   * @throws ticket.not-found, ticket.no-prescription-here, ticket.parties-stand, and what intake throws
   */
  async place(principal: Principal, ticketId: string, incoming: Incoming): Promise<IntakeAnswer> {
    const ticket = await this.db.tx(contextOf(principal), (tx) => this.tickets.get(tx, ticketId));
    if (ticket.type !== 'prescription') throw ticketFail('ticket.no-prescription-here');
    const said = ofTheTicket.filter((field) => Object.hasOwn(Object(incoming.body) as object, field));
    if (said.length > 0) throw ticketFail('ticket.parties-stand', { meta: { fields: said } });
    const parties = await this.db.tx(systemContext, (tx) => this.partiesOf(tx, ticket));
    const { primaryProviderId: providerId, patientId } = ticket;
    return this.intake.receive({
      ...incoming,
      contentType: 'application/json',
      // We sign no prescription (21 CFR 1311), so what is written here never is.
      body: { ...(Object(incoming.body) as object), ...parties, digitallySigned: undefined },
      savedOn: { ticketId, providerId, patientId },
    });
  }

  private async partiesOf(tx: Tx, ticket: Ticket): Promise<Parties> {
    const { patientId, primaryProviderId, secondaryProviderId } = ticket;
    const [patient, provider, pharmacy] = await Promise.all([
      patientId === null ? undefined : this.patients.profile(tx, patientId),
      primaryProviderId === null ? undefined : this.providers.find(tx, primaryProviderId),
      secondaryProviderId === null ? undefined : this.pharmacies.find(tx, secondaryProviderId),
    ]);
    return {
      patient: given({
        externalId: patient?.externalId,
        firstName: patient?.firstName,
        middleName: patient?.middleName,
        lastName: patient?.lastName,
        birthDate: patient?.birthDate,
        gender: patient?.gender,
        email: patient?.email,
        phone: patient?.phone,
        address: patient?.address,
      }),
      prescriber: given({
        npi: provider?.npi,
        dea: provider?.dea,
        spi: provider?.spi,
        firstName: provider?.firstName,
        lastName: provider?.lastName,
        phone: provider?.phone,
        email: provider?.email,
      }),
      ...(pharmacy !== undefined && {
        pharmacy: given({ ncpdpId: pharmacy.ncpdpId, npi: pharmacy.npi, name: pharmacy.name }),
      }),
    };
  }
}

/** An order leaves out what it does not know. */
function given(fields: Readonly<Record<string, unknown>>): Record<string, never> {
  const known = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(known) as Record<string, never>;
}
