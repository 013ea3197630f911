import type { Finding } from './findings.js';
import { dateRules } from './rules/dates.rules.js';
import { drugRules } from './rules/drug.rules.js';
import { historyRules } from './rules/history.rules.js';
import { patientRules } from './rules/patient.rules.js';
import { prescriberRules } from './rules/prescriber.rules.js';
import { quantityRules } from './rules/quantity.rules.js';
import { sigRules } from './rules/sig.rules.js';
import { strengthRules } from './rules/strength.rules.js';
import type { Rule, Subject } from './subject.js';

/** Every rule, by name, in the order in which findings are shown. */
const rules: Readonly<Record<string, Rule>> = {
  ...patientRules,
  ...prescriberRules,
  ...drugRules,
  ...strengthRules,
  ...quantityRules,
  ...sigRules,
  ...dateRules,
  ...historyRules,
};

/** All findings at once, so that a prescriber corrects an order once and not rule by rule. */
export function findingsAbout(subject: Subject): Finding[] {
  return Object.values(rules).flatMap((rule) => rule(subject));
}
