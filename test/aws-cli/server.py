"""The AWS CLI, loaded once in a run of the tests: `server.py SOCKET`.

To import it takes half a second of CPU, more than most of its commands. Each command line that `aws` sends is run by a
fork, by the AWS CLI's own `main`, with the caller's words, environment, folder and standard streams.
"""
import importlib
import json
import os
import signal
import socket
import sys
import traceback

import awscli
from awscli import clidriver


def run(connection):
    text, streams, _, _ = socket.recv_fds(connection, 64, 3)
    for target, stream in enumerate(streams):
        os.dup2(stream, target)
        os.close(stream)
    while not text.endswith(b"\n"):
        text += connection.recv(1 << 16)
    caller = json.loads(text)
    os.environ.clear()
    os.environ.update(caller["environment"])
    os.chdir(caller["folder"])
    sys.argv = ["aws", *caller["words"]]
    importlib.reload(awscli)  # names its own data in the environment
    try:
        status = clidriver.main()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    connection.sendall(b"%d" % (status or 0))


def main():
    clidriver.create_clidriver()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(sys.argv[1] + ".new")
    listener.listen(64)
    os.rename(sys.argv[1] + ".new", sys.argv[1])
    # Nobody waits for a fork: its status goes to the caller.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        connection, _ = listener.accept()
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            listener.close()
            try:
                run(connection)
            finally:
                os._exit(0)
        connection.close()


main()
