// `node --import tsx serve.mjs SOCKET OPTIONS`: serves the provider to Terraform over gRPC (plugin protocol 6) until its
// standard input ends. Terraform finds it by TF_REATTACH_PROVIDERS, so that nothing is installed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { decode, ExtensionCodec, encode } from '@msgpack/msgpack';
import { AwsCloud } from './aws-cloud.ts';
import { MemoryCloud } from './memory-cloud.ts';
import { Provider, UNKNOWN } from './provider.ts';
import { schemaMessage } from './schema.ts';

const [socket, text] = process.argv.slice(2);
const options = JSON.parse(text);
const cloud = options.endpoint ? new AwsCloud(options) : new MemoryCloud(options);
const schema = JSON.parse(readFileSync(join(import.meta.dirname, '../schemas/aws-provider.schema.json'), 'utf8'));
const provider = new Provider({ schema, cloud });

const extensionCodec = new ExtensionCodec();
extensionCodec.register({
  // 12 is an unknown value of which Terraform knows something.
  type: 12,
  encode: () => null,
  decode: () => UNKNOWN,
});
extensionCodec.register({
  type: 0,
  encode: (value) => (value === UNKNOWN ? new Uint8Array([0]) : null),
  decode: () => UNKNOWN,
});
const from = (value) => (value?.msgpack?.length ? decode(value.msgpack, { extensionCodec }) : null);
const to = (value) => ({ msgpack: Buffer.from(encode(value, { extensionCodec })) });

const refusing = (kind, type, config) => ({
  diagnostics: provider.readOnly(kind, type, config).map((name) => ({
    ...{ severity: 'ERROR', summary: 'Value for unconfigurable attribute' },
    detail: `Can't configure a value for "${name}": its value will be decided automatically.`,
    attribute: { steps: [{ attribute_name: name }] },
  })),
});

const methods = {
  GetMetadata: () => ({
    resources: Object.keys(schema.resource_schemas).map((type_name) => ({ type_name })),
    data_sources: Object.keys(schema.data_source_schemas).map((type_name) => ({ type_name })),
  }),
  GetProviderSchema: () => schemaMessage(schema),
  GetResourceIdentitySchemas: () => ({}),
  GetFunctions: () => ({}),
  ValidateProviderConfig: () => ({}),
  ValidateResourceConfig: ({ type_name, config }) => refusing('resource_schemas', type_name, from(config)),
  ValidateDataResourceConfig: ({ type_name, config }) => refusing('data_source_schemas', type_name, from(config)),
  ConfigureProvider: () => ({}),
  StopProvider: () => ({}),
  UpgradeResourceState: ({ raw_state }) => ({ upgraded_state: to(JSON.parse(raw_state.json.toString())) }),
  ReadResource: async ({ type_name, current_state }) => ({
    new_state: to(await provider.read(type_name, from(current_state))),
  }),
  PlanResourceChange: ({ type_name, prior_state, proposed_new_state }) => {
    const states = { prior: from(prior_state), proposed: from(proposed_new_state) };
    const { planned, replaces } = provider.plan(type_name, states);
    const requires_replace = replaces.map((attribute_name) => ({ steps: [{ attribute_name }] }));
    return { planned_state: to(planned), requires_replace };
  },
  ApplyResourceChange: async ({ type_name, prior_state, planned_state }) => ({
    new_state: to(await provider.apply(type_name, { prior: from(prior_state), planned: from(planned_state) })),
  }),
  ReadDataSource: async ({ type_name, config }) => ({ state: to(await provider.data(type_name, from(config))) }),
};

const { 'tfplugin6.Provider': service } = loadSync(join(import.meta.dirname, 'tfplugin6.proto'), { keepCase: true });
const server = new Server({ 'grpc.max_receive_message_length': 2 ** 26, 'grpc.max_send_message_length': 2 ** 26 });
server.addService(
  service,
  Object.fromEntries(
    Object.entries(methods).map(([name, answer]) => [
      name,
      async ({ request }, reply) => {
        try {
          reply(null, await answer(request));
        } catch (error) {
          reply(null, { diagnostics: [{ severity: 'ERROR', summary: `${name}: ${error.message}` }] });
        }
      },
    ]),
  ),
);
server.bindAsync(`unix:${socket}`, ServerCredentials.createInsecure(), (error) => {
  if (error) throw error;
  process.stdout.write('ready\n');
});
process.stdin.on('end', () => process.exit()).resume();
