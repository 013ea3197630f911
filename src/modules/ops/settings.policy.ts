import { settings, written, type Config, type Setting, type SettingName } from '../../../config/index.js';

export interface ShownSetting {
  name: SettingName;
  meaning: string;
  /** Has a value, be it the default. */
  isSet: boolean;
  isSecret: boolean;
  /** As written in the environment; never that of a secret. */
  value: string | null;
}

/** What the installation runs with, in the order in which it is documented. */
export function shownSettings(config: Config): ShownSetting[] {
  return (Object.keys(settings) as SettingName[]).map((name) => {
    const { doc, secret: isSecret = false }: Setting = settings[name];
    const value = config[name];
    const isSet = value !== undefined;
    return {
      name,
      meaning: doc,
      isSet,
      isSecret,
      value: isSet && !isSecret ? withoutCredentials(written(value)) : null,
    };
  });
}

/** No setting that holds an address asks for a password or a key in it, and none refuses one. */
function withoutCredentials(value: string): string {
  if (!/^https?:/i.test(value)) return value;
  return value.replace(/\/\/[^/?#]*@/g, '//').replace(/[?#].*$/s, '');
}
