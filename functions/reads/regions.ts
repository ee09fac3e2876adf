import { DescribeRegionsCommand, EC2Client } from '@aws-sdk/client-ec2';
import type { AccountSession } from '../domain/model/account-access.ts';
import { malformed } from './call-error.ts';
import type { Read, ReadCalls } from './read.ts';

export const REGION_READS = {
  regions: {
    service: 'ec2',
    operation: 'DescribeRegions',
    actions: ['ec2:DescribeRegions'],
    grant: 'ListRegionsTrailsAndStores',
    isGlobal: true,
    // The calls come before the change, which takes minutes; the notice says when it is done.
    changedBy: [
      { source: 'aws.account', events: ['EnableRegion', 'DisableRegion'], notices: ['Region Opt-In Status Change'] },
    ],
  },
} as const satisfies Record<string, Read>;
const { operation } = REGION_READS.regions;

export const regionReads = (calls: ReadCalls): Pick<AccountSession, keyof typeof REGION_READS> => ({
  regions: () =>
    calls.read(operation, async () => {
      // A member that has not enabled the home region answers there with AuthFailure.
      const region = calls.globalRegion;
      const input = { AllRegions: true };
      const { Regions } = await calls.ask({
        ...REGION_READS.regions,
        region,
        input,
        send: () => calls.client(EC2Client, region).send(new DescribeRegionsCommand(input)),
      });
      // No account is without a region: an empty list is an answer that was lost.
      if (!Regions?.length) throw malformed(operation, 'regions');
      return Regions.map(({ RegionName, OptInStatus }) => {
        if (!RegionName || !OptInStatus) throw malformed(operation, 'Region name or opt-in status');
        return { region: RegionName, optIn: OptInStatus };
      });
    }),
});
