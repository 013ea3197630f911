/** What was written about prescriptions and tickets that are of the patients $1 today; whom it was written to, each row says itself. */
export const messagesOfPatients = `(
  SELECT n.* FROM prescriptions p JOIN notifications n ON n.prescription_id = p.id WHERE p.patient_id = ANY ($1::uuid[])
  UNION ALL
  SELECT n.* FROM healthcare_tickets t JOIN notifications n ON n.ticket_id = t.id WHERE t.patient_id = ANY ($1::uuid[])
)`;
