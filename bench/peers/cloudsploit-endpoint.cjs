// CloudSploit's SDK (v2) does not know AWS_ENDPOINT_URL, and CloudSploit gives it an agent for https alone. Loaded with
// --require, this points it at the simulated organization and changes nothing else.
const { Agent } = require('node:http');
const { join } = require('node:path');

const AWS = require(join(process.env.CLOUDSPLOIT_FOLDER, 'node_modules', 'aws-sdk'));
AWS.config.update({ endpoint: process.env.AWS_ENDPOINT_URL });
const agent = new Agent({ keepAlive: true, maxSockets: 100 });
const { handleRequest } = AWS.HttpClient.prototype;
AWS.HttpClient.prototype.handleRequest = function handle(request, options, ...callbacks) {
  return handleRequest.call(this, request, { ...options, agent }, ...callbacks);
};
