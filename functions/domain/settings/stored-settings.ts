import * as z from 'zod';
import { type RunSettings, type SettingName, settingDeclarations } from './run-settings.ts';

/** The settings that every plan ever written holds. One that was declared later has its default where an older run is read. */
const ALWAYS_STORED: ReadonlySet<SettingName> = new Set([
  'roleName',
  'externalId',
  'homeRegion',
  'onlyAccounts',
  'onlyOus',
  'onlyRegions',
  'excludeAccounts',
  'excludeRegions',
  'trustedAccounts',
  'logArchiveAccounts',
  'lake',
  'sampleLogs',
  'waiversKey',
  'concurrency',
]);

const fields = z.object(
  Object.fromEntries(
    settingDeclarations.map(({ name, kind, byDefault }) => {
      const value = {
        text: () => z.string(),
        list: () => z.array(z.string()),
        flag: () => z.boolean(),
        count: () => z.number().int().positive(),
      }[kind]();
      const field: z.ZodType = byDefault === null ? value.nullable() : value;
      return [name, ALWAYS_STORED.has(name) ? field : field.default(byDefault)];
    }),
  ),
);

/** Settings as a run's plan holds them: their kinds only, since what a name may look like was checked when it was planned. */
export const storedSettingsSchema = fields as unknown as z.ZodType<RunSettings>;

/** Settings for the readers of a report: of the external id only whether there is one. */
export type DisclosedSettings = Omit<RunSettings, 'externalId'> & { externalIdSet: boolean };
export const disclosedSettingsSchema = fields
  .omit({ externalId: true })
  .extend({ externalIdSet: z.boolean() }) as unknown as z.ZodType<DisclosedSettings>;

export const disclosed = ({ externalId, ...settings }: RunSettings): DisclosedSettings => ({
  ...settings,
  externalIdSet: externalId !== null,
});
