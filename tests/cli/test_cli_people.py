"""`brassleaf keys` and `brassleaf users`, upon a running server: every change counts at once."""


def test_keys_on_a_running_server(shop, founded):
    with shop.serving() as server:
        assert server.token(founded["apiKey"], "admin")[0] == 200
        made = shop.ok("keys", "create", "web shop", "--type", "customer", "--trust", "192.0.2.0/24", "--json").json()
        assert made["keyType"] == "customer"
        assert made["approvedIpAddresses"] == [{"ipAddress": "192.0.2.0/24"}]
        status, refusal = server.token(made["apiKey"], "web shop")
        assert status == 403
        assert "brassleaf keys trust" in refusal["message"]

        trusted = shop.ok("keys", "trust", "WEB SHOP", "127.0.0.1", "::1/128", "--description", "till").out
        assert trusted == "web shop may be used from: 192.0.2.0/24, 127.0.0.1, ::1\n"
        status, token = server.token(made["apiKey"], "web shop")
        assert status == 200
        assert server.call("/api/v1/user", token=token)[1]["role"] == "customer"
        taken_off = shop.ok("keys", "trust", made["_id"], "127.0.0.1/32", "::1", "--remove", "--json").json()
        assert taken_off["approvedIpAddresses"] == [{"ipAddress": "192.0.2.0/24"}]
        assert server.token(made["apiKey"], "web shop")[0] == 403

        shop.ok("keys", "delete", made["_id"])
        assert server.token(made["apiKey"], "web shop")[0] == 401
        assert server.call("/api/v1/user", token=token)[0] == 401
        assert _trail(server, founded, made["_id"]) == ["deleted", "changed", "changed", "created"]
    listed = shop.ok("keys", "list", "--json").json()
    assert [key["name"] for key in listed] == ["admin"]
    assert "secretHash" not in listed[0]


def _trail(server, founded, record):
    """What the command line did to a record, newest first, as the API tells it."""
    status, token = server.token(founded["apiKey"], "admin")
    assert status == 200
    status, found = server.call(f"/api/v1/audit/{record}", token=token)
    assert status == 200
    return [entry["action"] for entry in found["items"] if entry.get("createdBy") == "command line"]


def test_users_on_a_running_server(shop, founded):
    with shop.serving() as server:
        status, boss = server.user_token("boss@shop.example", founded["password"])
        assert (status, server.call("/api/v1/user", token=boss)[1]["role"]) == (200, "admin")
        made = shop.ok("users", "create", "till@shop.example", "--role", "regular", "--json").json()
        assert list(made) == ["_id", "name", "email", "role", "created", "password"]
        status, till = server.user_token("till@shop.example", made["password"])
        assert (status, server.call("/api/v1/user", token=till)[1]["role"]) == (200, "regular")
        shop.ok("users", "role", "TILL@shop.example", "restricted")
        assert server.call("/api/v1/user", token=till)[1]["role"] == "restricted"
        done = shop.ok("users", "password", made["_id"], "--password-stdin", stdin="Correct-Horse-7\n")
        assert "Correct-Horse-7" not in done.out + done.err
        assert server.user_token("till@shop.example", made["password"])[0] == 401
        assert server.user_token("till@shop.example", "Correct-Horse-7")[0] == 200
        shop.ok("users", "delete", "till@shop.example")
        assert server.call("/api/v1/user", token=till)[0] == 401
        assert _trail(server, founded, made["_id"])[-2:] == ["changed", "created"]
        assert _trail(server, founded, made["_id"])[0] == "deleted"
    assert shop.ok("users", "list").out.splitlines()[1].startswith("Boss@shop.example\tBoss\tadmin\t")


def test_refusals_are_sentences_on_standard_error(shop):
    assert "last admin" in shop.refused("users", "delete", "boss@shop.example")
    assert "brassleaf keys list" in shop.refused("keys", "delete", "nobody")
    done = shop.run("users", "create", "x@shop.example", "--password-stdin", stdin="short\n")
    assert (done.code, done.out) == (1, "")
    assert "at least 8 characters" in done.err
    assert shop.run("users", "create", "x@shop.example", "--password-stdin").code == 2
    made = shop.ok("keys", "create", "till", "--expires", "2199-12-31")
    assert "apiKey   blk_" in made.out
    assert "not shown again" in made.err
    assert shop.ok("keys", "list").out.splitlines()[2].startswith("till\tcustomer\t127.0.0.0/8, ::1/128\t2199-")
