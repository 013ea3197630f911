/** Columns of the prescription that counts. */
interface Named {
  patient: string;
  doctor: string;
}

/**
 * SET of a ticket `t` whose first place goes to another prescription: from then on it is about whom that one names. The patient
 * of a ticket a person opened is whom that person named.
 */
export const takesParties = ({
  patient,
  doctor,
}: Named): string => `patient_id = CASE t.origin WHEN 'intake' THEN ${patient}
          WHEN 'desk' THEN t.patient_id ELSE coalesce(${patient}, t.patient_id) END,
        primary_provider_id = ${doctorNamed(doctor)}`;

/**
 * The doctor of a ticket `t` whose first prescription names one. One open ticket of a person's per place is the rule
 * (`healthcare_tickets_one_open`): where the one named has such a ticket already, whoever opened this one keeps it.
 */
export function doctorNamed(doctor: string): string {
  return `CASE WHEN t.origin = 'desk' AND ${doctor} <> t.primary_provider_id AND EXISTS (
          SELECT 1 FROM healthcare_tickets other
          WHERE other.id <> t.id AND other.origin = 'desk' AND other.status NOT IN ('closed', 'cancelled')
            AND other.organization_id = t.organization_id AND other.ticket_type = t.ticket_type
            AND other.primary_provider_id = ${doctor} AND other.patient_id = t.patient_id
            AND other.appointment_id IS NOT DISTINCT FROM t.appointment_id
            AND other.wished_pharmacy_id IS NOT DISTINCT FROM t.wished_pharmacy_id)
          THEN t.primary_provider_id ELSE coalesce(${doctor}, t.primary_provider_id) END`;
}
