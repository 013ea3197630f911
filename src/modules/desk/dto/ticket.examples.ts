export const exampleInstant = '2026-11-21T01:28:00.000Z';
/** When a ticket of the examples is changed. */
const exampleChange = '2026-11-21T09:30:00.000Z';
export const exampleTicketId = '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f58';
export const exampleThreadId = '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f5d';
export const exampleMessageId = '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f59';
/** As in the examples of the directory and of prescriptions. */
export const exampleParties = {
  pharmacy: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f51',
  patient: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f52',
  doctor: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f53',
} as const;
export const examplePrescription = {
  id: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57',
  rxNumber: 1_000_001,
  state: 'sent_to_pharmacy',
  stateSince: exampleInstant,
  drug: 'Lisinopril 10 mg tablet',
  ndc: '70000010130',
  quantity: 30,
  daysSupply: 30,
  refills: 2,
  schedule: null,
};

const otherPharmacy = '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f61';
export const exampleAppointmentId = '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f62';

/** Nothing was prescribed or said yet. */
const unsent = {
  status: 'created',
  sentAt: null,
  prescriptionId: null,
  prescription: null,
  breachAt: null,
  unread: 0,
  lastMessage: null,
  createdAt: exampleInstant,
} as const;

const { doctor: doctorId, pharmacy: pharmacyId, patient: patientId } = exampleParties;

/** Each request with what its answer shows otherwise than the ticket of the lists. */
export const ticketExamples = {
  open: {
    request: {
      type: 'prescription',
      patientId,
      doctorId,
      pharmacyId,
      appointmentId: exampleAppointmentId,
      priority: 'normal',
    },
    differs: { ...unsent, appointmentId: exampleAppointmentId },
  },
  triage: {
    request: { priority: 'high', snoozedUntil: '2026-11-23T14:00:00.000Z' },
    differs: { priority: 'high', snoozedUntil: '2026-11-23T14:00:00.000Z', updatedAt: exampleChange },
  },
  setStatus: {
    request: { status: 'received', reason: 'stock arrived' },
    differs: {
      status: 'received',
      statusSince: exampleChange,
      breachAt: null,
      updatedAt: exampleChange,
      prescription: { ...examplePrescription, state: 'pharmacy_received', stateSince: exampleChange },
    },
  },
  changePharmacy: {
    request: { pharmacyId: otherPharmacy, reason: 'closer to the patient' },
    differs: { ...unsent, secondaryProviderId: otherPharmacy, updatedAt: exampleChange },
  },
} as const;
