/** Invented drugs of the catalogue by what the sandbox's plan makes of them. */
export const drugs = {
  lisinopril: '70000010130',
  metformin: '70000010260',
  atorvastatinWithoutCopay: '70000010330',
  sertraline: '70000010430',
  amoxicillin: '70000010521',
  apixabanWithCoupon: '70000010660',
  semaglutideWithPriorAuthorization: '70000010703',
  amphetamineScheduleTwo: '70000011230',
  adalimumabSpecialty: '70000011402',
} as const;
