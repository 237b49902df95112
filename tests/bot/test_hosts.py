"""Which links are admitted, and which addresses are public."""

import pytest

from bot.hosts import is_public, parse_hosts

RUNWARE = "*.runware.ai"


@pytest.mark.parametrize(
    ("hosts", "url"),
    [
        ("", "https://vm.runware.ai/video/ws/5/vi/a.mp4"),
        ("", "https://VM.Runware.AI/a.mp4?x=1&y=%20#t"),
        ("", "https://vm.runware.ai:8443/a.mp4"),
        ("", "https://8.8.8.8/a.mp4"),
        ("", "https://[2606:4700::1111]/a.mp4"),
        ("", "https://xn--bcher-kva.example/a.mp4"),
        (RUNWARE, "https://vm.runware.ai/a.mp4"),
        (RUNWARE, "https://a.b.runware.ai/a.mp4"),
        ("vm.runware.ai", "https://vm.runware.ai/a.mp4"),
        ("http://127.0.0.1:8089", "http://127.0.0.1:8089/a.mp4"),
        ("http://localhost:8089", "http://localhost:8089/a.mp4"),
        ("https://cdn.example.com:8443", "https://cdn.example.com:8443/a.mp4"),
        (f"{RUNWARE},http://127.0.0.1:8089", "https://vm.runware.ai/a.mp4"),
    ],
)
def test_a_link_is_admitted(hosts: str, url: str) -> None:
    assert parse_hosts(hosts).admit(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil-runware.ai/a.mp4",
        "https://evilrunware.ai/a.mp4",
        "https://runware.ai/a.mp4",
        "https://runware.ai.evil.example/a.mp4",
        "https://vm.runware.ai.evil.example/a.mp4",
        "https://evil.example/.runware.ai",
        "https://evil.example?.runware.ai",
        "https://evil.example#.runware.ai",
        "https://evil.example\\.runware.ai/a.mp4",
        "https://evil.example%2f.runware.ai/a.mp4",
        "https://evil.example@vm.runware.ai/a.mp4",
        "https://vm.runware.ai@evil.example/a.mp4",
        "https://vm.runware.ai:443@evil.example/a.mp4",
        "https://vm.runware.аi/a.mp4",  # the а is Cyrillic
        "https://vm。runware.ai/a.mp4",
        "https://.runware.ai/a.mp4",
        "https://..runware.ai/a.mp4",
        "https://vm.runware.ai./a.mp4",
        "http://vm.runware.ai/a.mp4",
    ],
)
def test_a_host_that_looks_like_a_named_one_is_refused(url: str) -> None:
    assert not parse_hosts(RUNWARE).admit(url)


@pytest.mark.parametrize(
    "host",
    [
        "localhost", "localhost.", "a.localhost", "127.0.0.1", "127.1", "127.0.0.1.", "2130706433", "0x7f000001",
        "0x7f.0.0.1", "0177.0.0.1", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "224.0.0.1", "255.255.255.255", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[fe80::1]",
        "[fc00::1]", "[ff02::1]", "intranet", "nas.local", "db.internal", "router.lan", "host.home.arpa",
        "metadata.google.internal", "", "-", "a..b", "exa mple.com",
    ],
)  # fmt: skip
def test_no_link_leads_to_a_private_place(host: str) -> None:
    """Any public host is one that everybody can reach."""
    for scheme in ("https", "http"):
        assert not parse_hosts("").admit(f"{scheme}://{host}/a.mp4")
        assert not parse_hosts("").admit(f"{scheme}://{host}:8443/a.mp4")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "a.mp4",
        "//vm.runware.ai/a.mp4",
        "ftp://vm.runware.ai/a.mp4",
        "javascript://vm.runware.ai/%0aalert(1)",
        "data:video/mp4;base64,AAAA",
        "https:/vm.runware.ai/a.mp4",
        "https://vm.runware.ai:99999/a.mp4",
        "https://vm.runware.ai:0/a.mp4",
        "https://vm.runware.ai:x/a.mp4",
        "https://[vm.runware.ai/a.mp4",
        " https://vm.runware.ai/a.mp4",
        "https://vm.runware.ai/a b.mp4",
        "https://vm.runware.ai/a.mp4\n@everyone",
        "https://vm.runware.ai/a\t.mp4",
        "https://vm.runware.ai/\u202egpm.a",
        "https://vm.runware.ai/\u200b",
        "https://vm.runware.ai/\x00",
        "https://vm.runware.ai/\ud800",
        "https://vm.runware.ai/a.mp4> <@&1>",
        "https://vm.runware.ai/`a`",
        'https://vm.runware.ai/"',
        "https://vm.runware.ai/\\a",
    ],
)
def test_what_is_no_clean_https_link_is_refused(url: str) -> None:
    assert not parse_hosts("").admit(url)
    assert not parse_hosts(RUNWARE).admit(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8090/a.mp4",
        "http://127.0.0.1/a.mp4",
        "https://127.0.0.1:8089/a.mp4",
        "http://localhost:8089/a.mp4",
        "http://127.0.0.1:8089@evil.example/a.mp4",
        "http://a@127.0.0.1:8089/a.mp4",
        "http://127.0.0.1:8089.evil.example/a.mp4",
        "http://127.0.0.1:8089/a b",
        "https://vm.runware.ai/a.mp4",
    ],
)
def test_an_origin_admits_itself_and_nothing_else(url: str) -> None:
    """Whoever names something has named everything: it does not open the rest of the internet."""
    assert not parse_hosts("http://127.0.0.1:8089").admit(url)


# --- addresses


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "162.159.135.233", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1"],
)
def test_an_address_that_everybody_can_reach_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "172.31.255.255", "192.168.0.1", "169.254.169.254",
        "100.64.0.1", "198.18.0.1", "192.0.2.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
        "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "fec0::1", "2001:db8::1",
        "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:169.254.169.254", "::ffff:224.0.0.1", "::127.0.0.1",
        "64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::8.8.8.8", "2002:7f00:1::1", "2002:a9fe:a9fe::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2", "4000::1", "localhost", "8.8.8", "8.8.8.8:443", "",
    ],
)  # fmt: skip
def test_any_other_address_is_not_however_it_is_written(address: str) -> None:
    """Also where an IPv4 address hides in one of IPv6's forms for it."""
    assert not is_public(address)
    assert not parse_hosts("").admit(f"https://[{address}]/a.mp4")


@pytest.mark.parametrize(
    "url", ["https://[64:ff9b::7f00:1]/a", "https://[2002:7f00:1::1]/a", "https://[::127.0.0.1]/a"]
)
def test_no_link_leads_to_a_private_place_inside_a_public_looking_address(url: str) -> None:
    assert not parse_hosts("").admit(url)


def test_only_the_origin_itself_is_one_that_was_named() -> None:
    hosts = parse_hosts("*.runware.ai, http://127.0.0.1:8089")
    assert hosts.is_origin("http://127.0.0.1:8089/a.mp4?x=1")
    for url in ("https://vm.runware.ai/a.mp4", "http://127.0.0.1:8090/a.mp4", "http://127.0.0.1:8089@8.8.8.8/"):
        assert not hosts.is_origin(url)
