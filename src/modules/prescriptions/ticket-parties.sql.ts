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
        primary_provider_id = coalesce(${doctor}, t.primary_provider_id)`;
