import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What the tests find as `aws`: sends its command line to the server and ends as that says. */
const client = (python, socket) => `#!${python} -ISE
import _socket, array, json, os, sys, time
connection = _socket.socket(_socket.AF_UNIX)
deadline = time.monotonic() + 120
while True:
    try:
        connection.connect(${JSON.stringify(socket)})
        break
    except (FileNotFoundError, BlockingIOError):
        if time.monotonic() > deadline: sys.exit("the tests' server of the AWS CLI does not start")
        time.sleep(0.05)
caller = json.dumps({"words": sys.argv[1:], "environment": dict(os.environ), "folder": os.getcwd()})
streams = array.array("i", [0, 1, 2])
connection.sendmsg([b" "], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, streams)])
rest = memoryview(caller.encode() + b"\\n")
while rest: rest = rest[connection.send(rest):]
status = connection.recv(16)
sys.exit(int(status) if status else "the tests' server of the AWS CLI ended")
`;

/**
 * Puts first on the PATH an `aws` that has the AWS CLI of this machine loaded already (server.py). Where that is none of
 * Python, as its version 2, the tests call it as it is.
 * @param folder of this run of the tests
 */
export function installAws(folder) {
  const { stdout } = spawnSync('bash', ['-c', 'head -1 "$(command -v aws)"'], { encoding: 'utf8' });
  const python = /^#!(\S*python\S*)$/.exec(stdout.trim())?.[1];
  if (python === undefined) return;
  const [bin, socket] = [join(folder, 'bin'), join(folder, 'aws.socket')];
  mkdirSync(bin);
  writeFileSync(join(bin, 'aws'), client(python, socket), { mode: 0o755 });
  const server = spawn(python, [join(import.meta.dirname, 'server.py'), socket], { stdio: 'ignore' });
  server.unref();
  process.once('exit', () => server.kill('SIGKILL'));
  process.env.PATH = `${bin}${delimiter}${process.env.PATH}`;
}
