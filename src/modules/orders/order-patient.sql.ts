/**
 * The patient an order is for, where it can only be this one. Whoever updates it may name the email alone, which in a household is
 * nobody's; so it is whom its bodies name.
 * @param order an alias of `orders`
 * @param contact an alias of its row in `customer_contacts`
 */
export const orderPatientSql = (order: string, contact: string) => `(
  SELECT CASE WHEN count(DISTINCT told.patient_id) = 1 THEN (array_agg(told.patient_id))[1] END
  FROM order_reports r JOIN customer_contacts told ON told.id = r.contact_id
  WHERE r.order_id = ${order}.id AND told.customer_id = ${contact}.customer_id AND told.patient_id IS NOT NULL)`;
