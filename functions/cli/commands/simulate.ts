import { usageError } from '../../domain/model/errors.ts';
import { createSimulation, parseSimulationSpec, startSimulatedServer } from '../../simulator/simulation.ts';
import type { Terminal } from '../terminal.ts';

/** `trailseal simulate --port P [spec]`: serves the simulated organization until Ctrl-C. */
export async function simulateCommand(
  spec: string | undefined,
  options: { port: string },
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const port = Number(options.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw usageError(
      `--port takes a whole number from 0 (any free port) to 65535, not "${options.port.slice(0, 20)}".`,
    );
  }
  const simulation = createSimulation(parseSimulationSpec(spec ?? ''));
  const server = await startSimulatedServer({ simulation, port });
  terminal.err.write(
    `A simulated organization of ${simulation.accountCount} accounts answers until Ctrl-C. In another shell:\n`,
  );
  const lines = Object.entries(server.environment).map(([name, value]) => `export ${name}=${value}\n`);
  terminal.out.write(lines.join(''));
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await server.close();
  return 0;
}
