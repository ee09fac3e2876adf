import { domainOf } from '../world/regions.ts';
import { type Operation, type Service, textOf } from './service.ts';
import { ApiError, element } from './wire.ts';

const OPERATIONS: Record<string, Operation> = {
  DescribeRegions: {
    quota: { rate: 20, burst: 100 },
    run: (call) => {
      const { world, account, input } = call;
      const named = Object.entries(input)
        .filter(([name]) => /^RegionName\.\d+$/.test(name))
        .map(([, value]) => String(value));
      const unknown = named.find((name) => !world.regions.some((region) => region.name === name));
      if (unknown !== undefined) {
        throw new ApiError(400, 'InvalidParameterValue', `Invalid region: [${unknown}]`);
      }
      const all = textOf(input, 'AllRegions') === 'true';
      const items = world.regions
        .filter(({ name }) => (named.length === 0 || named.includes(name)) && (all || world.isEnabled(account, name)))
        .map(({ name, optIn }) => {
          const status = !optIn ? 'opt-in-not-required' : world.isEnabled(account, name) ? 'opted-in' : 'not-opted-in';
          return `<item>${element('regionName', name)}${element('regionEndpoint', `ec2.${name}.${domainOf(world.partition)}`)}${element('optInStatus', status)}</item>`;
        });
      return `<?xml version="1.0" encoding="UTF-8"?>\n<DescribeRegionsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">${element('requestId', call.requestId)}<regionInfo>${items.join('')}</regionInfo></DescribeRegionsResponse>`;
    },
  },
};

/** Amazon EC2, for DescribeRegions alone. */
export const ec2: Service = {
  name: 'ec2',
  protocol: 'ec2',
  throttling: { status: 503, code: 'RequestLimitExceeded', message: 'Request limit exceeded.' },
  operations: OPERATIONS,
};
