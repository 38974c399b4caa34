"""A way to a server that takes its time: python -m tests.benchmarks.far TARGET_PORT MS; it prints its port.

What comes from whoever connects goes on after so many milliseconds, what comes back at once: each way there
and back takes so much longer, and nothing gets narrower. (Where the kernel has sch_netem, that does it too.)
"""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_AT_ONCE = 1 << 18


@contextmanager
def way(target: int, ms: float) -> Iterator[int]:
    """The port of such a way, until the end."""
    command = [sys.executable, "-m", "tests.benchmarks.far", str(target), str(ms)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, after_s: float) -> None:
    loop = asyncio.get_running_loop()
    while got := await reader.read(_AT_ONCE):
        if after_s:
            loop.call_later(after_s, writer.write, got)
        else:
            writer.write(got)
    await asyncio.sleep(after_s)
    writer.close()


async def _serve(target: int, ms: float) -> None:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        its_reader, its_writer = await asyncio.open_connection("127.0.0.1", target)
        await asyncio.gather(
            _copy(reader, its_writer, ms / 1000), _copy(its_reader, writer, 0), return_exceptions=True
        )

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), float(sys.argv[2])))
