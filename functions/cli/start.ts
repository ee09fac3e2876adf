// `npm start`: with no words the whole job on the simulated organization, with words the same as `trailseal`.
if (process.argv.length === 2) process.argv.push('scan', '--simulate', '--fail-on', 'none');
await import('./main.ts');

export {};
