// What Lambda's runtime does around a bundle, in a process of its own: loads it, hands it one event after another, and
// says what it answered. argv: the bundle. Everything else comes from the environment, as in Lambda.
const { handler } = await import(process.argv[2]);

process.on('message', async ({ id, payload, seconds }) => {
  const deadline = Date.now() + seconds * 1_000;
  const context = {
    awsRequestId: `request-${id}`,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    invokedFunctionArn: process.env.TRAILSEAL_FUNCTION_ARN,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
  try {
    // Lambda's answers are JSON: what does not survive it was never said.
    process.send({ id, answer: JSON.stringify(await handler(payload, context)) });
  } catch (error) {
    process.send({ id, error: { name: error.name, message: error.message } });
  }
});
