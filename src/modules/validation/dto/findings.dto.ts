import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { severities } from '../finding-codes.js';
import { isBlocked, type Finding, type Severity } from '../findings.js';
import type { VersionFindings } from '../validation.store.js';

export class FindingDto {
  @ApiProperty({ description: 'stable code', example: 'prescriber.npi-invalid' })
  readonly code: string;
  @ApiProperty({ enum: severities, example: 'blocks' })
  readonly severity: Severity;
  @ApiProperty({ description: 'JSON pointer into the order', example: '/prescriber/npi' })
  readonly field: string;
  @ApiProperty({ example: 'The NPI of the prescriber is not a valid number; please check its digits.' })
  readonly message: string;
  @ApiPropertyOptional({ description: 'hold or reject reason of VA Inbound ePrescribing', example: 'PVD02' })
  readonly vaCode?: string;
  @ApiPropertyOptional({ description: 'source of the rule', example: '45 CFR 162.406' })
  readonly source?: string;

  constructor(finding: Finding) {
    this.code = finding.code;
    this.severity = finding.severity;
    this.field = finding.field;
    this.message = finding.message;
    if (finding.vaCode !== undefined) this.vaCode = finding.vaCode;
    if (finding.source !== undefined) this.source = finding.source;
  }
}

export class VersionFindingsDto {
  @ApiProperty({ example: 1 })
  readonly version: number;
  @ApiProperty({ example: '2026-11-21T01:28:00.000Z' })
  readonly createdAt: string;
  @ApiProperty({ description: 'why the version was made', type: String, nullable: true, example: null })
  readonly reason: string | null;
  @ApiProperty({
    description: 'null: not validated yet',
    type: String,
    nullable: true,
    example: '2026-11-21T01:28:01.000Z',
  })
  readonly validatedAt: string | null;
  @ApiProperty({ description: 'at least one finding blocks', example: true })
  readonly blocked: boolean;
  @ApiProperty({ type: [FindingDto] })
  readonly findings: FindingDto[];

  constructor(version: VersionFindings) {
    const findings = version.findings ?? [];
    this.version = version.version;
    this.createdAt = version.createdAt.toISOString();
    this.reason = version.reason;
    this.validatedAt = version.validatedAt?.toISOString() ?? null;
    this.blocked = isBlocked(findings);
    this.findings = findings.map((finding) => new FindingDto(finding));
  }
}

export class PrescriptionFindingsDto {
  @ApiProperty({ description: 'oldest first', type: [VersionFindingsDto] })
  readonly versions: VersionFindingsDto[];

  constructor(versions: readonly VersionFindings[]) {
    this.versions = versions.map((version) => new VersionFindingsDto(version));
  }
}
