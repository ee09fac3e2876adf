import { DescribeRegionsCommand, EC2Client } from '@aws-sdk/client-ec2';
import type { EnteredAccount } from '../../domain/model/account-access.ts';
import type { AccountCalls } from '../calls/account-calls.ts';
import { malformed } from '../calls/failure.ts';

const operation = 'DescribeRegions';

export const regionReads = (calls: AccountCalls): Pick<EnteredAccount, 'regions'> => ({
  regions: () =>
    calls.read(operation, async () => {
      // A member that has not enabled the home region answers there with AuthFailure.
      const region = calls.access.globalRegion;
      const input = { AllRegions: true };
      const { Regions } = await calls.ask({
        service: 'ec2',
        operation,
        region,
        isGlobal: true,
        input,
        send: () => calls.access.entered(EC2Client, region).send(new DescribeRegionsCommand(input)),
      });
      // No account is without a region: an empty list is an answer that was lost.
      if (!Regions?.length) throw malformed(operation, 'regions');
      return Regions.map(({ RegionName, OptInStatus }) => {
        if (!RegionName || !OptInStatus) throw malformed(operation, 'region name or opt-in status');
        return { region: RegionName, optIn: OptInStatus };
      });
    }),
});
