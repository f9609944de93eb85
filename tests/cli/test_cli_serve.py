"""`brassleaf serve` and `brassleaf demo` on real sockets."""

import json
import signal
import subprocess
from contextlib import closing
from sqlite3 import connect

from cli_command import COMMAND, ITEMS


def test_serve_answers_logs_and_ends(shop, founded):
    with shop.starting() as server:
        assert server.call("/readyz") == (200, {"status": "ready"})
        # a header says nothing about who the client is unless the settings name the proxy
        status, answer = server.call("/metrics", **{"X-Forwarded-For": "203.0.113.9"})
        assert status == 200
        assert "brassleaf_requests_total" in answer
        assert server.token(founded["apiKey"], "admin")[0] == 200
        other = shop.run("serve", "--port", server.port)
        assert (other.code, other.out) == (1, "")
        assert f"Port {server.port}" in other.err
        assert "--port" in other.err
        found = {entry["check"]: entry for entry in shop.ok("doctor", "--json", "--port", server.port).json()}
        assert "Brassleaf server answers" in found["port"]["found"]
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(20) == 0
        text = server.log.read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    assert "/readyz" in [line.get("path") for line in lines]
    assert founded["apiKey"] not in text
    assert not any("organization yet" in line.get("message", "") for line in lines)


def test_serve_starts_without_an_organization_and_says_so(nothing):
    with nothing.serving() as server:
        assert server.call("/readyz")[0] == 200
        assert "brassleaf init" in server.log.read_text()
        made = nothing.ok("init", "--json").json()
        assert server.token(made["apiKey"], made["apiKeyName"])[0] == 200


def test_several_workers_share_metrics(shop, founded):
    with shop.starting("--workers", 2) as server:
        for _ in range(20):
            assert server.call("/readyz")[0] == 200
        _, answer = server.call("/metrics")
        line = next(line for line in answer.splitlines() if line.startswith("brassleaf_requests_total{"))
        assert line == 'brassleaf_requests_total{method="GET",route="/readyz",status="200"} 20.0'
        assert list(shop.data.glob("metrics-*"))
        assert server.token(founded["apiKey"], "admin")[0] == 200
    assert not list(shop.data.glob("metrics-*"))


def test_a_store_that_does_not_open_is_said(shop):
    (shop.data / "brassleaf.sqlite").write_bytes(b"x" * 5000)
    done = shop.run("serve", "--port", "0")
    assert done.code == 1
    assert "brassleaf.sqlite cannot be opened" in done.err


def test_demo_is_loaded_once_and_its_key_is_new_each_time(nothing):
    keys, counts = [], []
    for _ in range(2):
        with subprocess.Popen(
            [COMMAND, "demo", "--port", "0"],
            stdout=subprocess.PIPE,
            text=True,
            env=nothing.environment,
            cwd=nothing.data.parent,
        ) as process:
            assert process.stdout is not None
            lines = []
            for line in process.stdout:
                lines.append(line)
                if "Stop with Ctrl+C" in line:
                    break
            # the tour is for pasting, and its first request gives a token
            start = next(number for number, line in enumerate(lines) if line.startswith("echo"))
            script = "".join(lines[start : start + 4]) + "echo $TOKEN\n"
            pasted = subprocess.run(
                ["bash", "-eu", "-c", script], capture_output=True, text=True, check=True, timeout=20
            )
            assert pasted.stdout.splitlines()[-1].count(".") == 2
            keys.append(next(line for line in lines if "API key" in line))
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
        with closing(connect(nothing.data / "demo" / "brassleaf.sqlite")) as store:
            totals = "SELECT collection, sum(live) FROM tally WHERE collection <> 'audit' GROUP BY collection"
            counts.append(dict(store.execute(totals).fetchall()))
    assert keys[0] != keys[1]
    assert counts[0] == counts[1]
    assert counts[0]["items"] == counts[0]["itemProperties"] == ITEMS


def test_the_demo_grows_to_what_is_asked(nothing):
    nothing.ok("init", "--demo", "--items", 30)
    with closing(connect(nothing.data / "brassleaf.sqlite")) as store:
        ((items,),) = store.execute("SELECT count(*) FROM items").fetchall()
        kinds = {kind for (kind,) in store.execute("SELECT DISTINCT f_itemType FROM items WHERE f_brand LIKE 'alder%'")}
    assert items == ITEMS + 30
    assert {"hose", "crimpfitting", "adaptor"} <= kinds
    for value, said in ((-1, "greater than or equal to 0"), ("many", "valid integer"), (10**8, "less than or equal")):
        for command in (("demo",), ("init", "--demo")):
            done = nothing.run(*command, "--items", value)
            assert done.code == 2
            assert "--items" in done.err
            assert said in " ".join(done.err.replace("│", " ").split())
    done = nothing.run("init", "--items", 5)
    assert done.code == 2
    assert "--demo" in done.err
