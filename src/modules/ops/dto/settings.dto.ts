import { ApiProperty } from '@nestjs/swagger';
import { OrganizationDto } from '../../directory/index.js';
import type { ShownSetting } from '../settings.policy.js';
import type { SeenSettings } from '../settings.service.js';

export class SettingDto {
  @ApiProperty({ example: 'SUPPORT_PHONE' })
  readonly name: string;

  @ApiProperty({ example: 'display text of the help line' })
  readonly meaning: string;

  @ApiProperty({ example: true, description: 'Has a value, be it the default' })
  readonly isSet: boolean;

  @ApiProperty({ example: false })
  readonly isSecret: boolean;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '1-800-SUPPORT',
    description: 'As written in the environment, addresses without credentials; of a secret always null',
  })
  readonly value: string | null;

  constructor(setting: ShownSetting) {
    this.name = setting.name;
    this.meaning = setting.meaning;
    this.isSet = setting.isSet;
    this.isSecret = setting.isSecret;
    this.value = setting.value;
  }
}

export class SettingsDto {
  @ApiProperty({ type: OrganizationDto })
  readonly organization: OrganizationDto;

  @ApiProperty({
    type: [SettingDto],
    nullable: true,
    description: 'What the process that answers runs with; null for whoever is no administrator',
  })
  readonly deployment: SettingDto[] | null;

  constructor({ organization, deployment }: SeenSettings) {
    this.organization = new OrganizationDto(organization);
    this.deployment = deployment?.map((setting) => new SettingDto(setting)) ?? null;
  }
}
