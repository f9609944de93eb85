"""The README's tour, run as written against a demo shop: every shown line of an answer must be in the real answer."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"<!-- tour -->\n```sh\n(?P<shell>.*?)```\n(?:\n```json\n(?P<answer>.*?)```\n)?", re.DOTALL)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A demo shop on a free port: its port and the key that it printed."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BRASSLEAF_")}
    environment |= {"BRASSLEAF_DATA": str(tmp_path_factory.mktemp("shop")), "BRASSLEAF_LOG": "off"}
    command = [Path(sys.executable).parent / "brassleaf", "demo", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as server:
        key = None
        for line in server.stdout:
            if found := re.search(r"blk_[\w-]+", line):
                key = found[0]
            if "Stop with Ctrl+C" in line:
                break
        yield port, key
        server.send_signal(signal.SIGTERM)
        server.stdout.close()


def test_the_tour_runs_as_written(demo, tmp_path):
    port, key = demo
    blocks = list(BLOCK.finditer((ROOT / "README.md").read_text("utf-8")))
    assert len(blocks) >= 8
    script = ["set -eu", f"cd '{tmp_path}'"]
    for number, block in enumerate(blocks):
        shell = block["shell"].replace("blk_the_key_that_scripts_demo_printed", str(key))
        shell = shell.replace("127.0.0.1:8000", f"127.0.0.1:{port}")
        script.append(f"{{\n{shell}\n}} > answer{number}")
    done = subprocess.run(["bash", "-c", "\n".join(script)], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    for number, block in enumerate(blocks):
        if block["answer"] is None:
            continue
        answer = json.loads((tmp_path / f"answer{number}").read_text())
        real = {line.strip().rstrip(",") for line in json.dumps(answer, indent=2, ensure_ascii=False).splitlines()}
        shown = [line.strip().rstrip(",") for line in block["answer"].splitlines() if line.strip() not in ("…", "")]
        assert shown
        missing = [line for line in shown if line not in real]
        assert not missing, (missing, answer)
    assert (tmp_path / "datasheet.pdf").read_bytes().startswith(b"%PDF-")
    assert (tmp_path / "assemblies.xlsx").read_bytes().startswith(b"PK")
