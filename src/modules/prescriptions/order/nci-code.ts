/** Whether a unit or a form is a code of the NCI Thesaurus, as SCRIPT writes both: nothing a person reads. */
export function isNciCode(text: string): boolean {
  return /^C\d{4,6}$/.test(text);
}
