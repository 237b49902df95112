"""Settings: each one's values, and what is wrong said in one line."""

import re
from pathlib import Path
from typing import Any

import pytest

from bot import settings as module
from bot.domain.limit import Calendar, Layer, Limit, Rolling
from bot.domain.money import Usd
from bot.hosts import Hosts
from bot.settings import NAMES, Listen, Settings, WrongSettings, load

ROOT = Path(__file__).parent.parent.parent
EXAMPLE = ROOT / ".env.example"
TOKEN, KEY = "MTA.token-that-nobody-may-see", "a-key-that-nobody-may-see"
REQUIRED = {"DISCORD_TOKEN": TOKEN, "RUNWARE_API_KEY": KEY}
NOWHERE = Path("/nowhere/.env")


def settings(**given: str) -> Settings:
    """The settings of an environment with the two keys and these."""
    return load({**REQUIRED, **given}, NOWHERE)


def per(amount: str, unit: Any) -> Limit:
    return Limit(Usd.of(amount), Calendar(unit))


def test_with_the_two_keys_everything_else_has_its_default() -> None:
    assert settings() == Settings(
        discord_token=TOKEN,
        runware_api_key=KEY,
        allowed_servers=None,
        limits={
            Layer.ACCOUNT: (per("50", "month"),),
            Layer.SERVER: (per("50", "month"),),
            Layer.MEMBER: (per("5", "day"),),
        },
        max_jobs=4,
        database=Path("data/raybot.db"),
        result_ttl=None,
        upload_endpoint=None,
        log_level="INFO",
        discord_api_url="https://discord.com/api/v10",
        runware_api_url="https://api.runware.ai/v1",
        link_hosts=Hosts(None, frozenset()),
        discord_media_hosts=Hosts(("cdn.discordapp.com", "media.discordapp.net"), frozenset()),
        runware_media_hosts=Hosts(("*.runware.ai",), frozenset()),
        media_dir=Path("data/media"),
        media_keep_days=7,
        media_max_bytes=2_000_000_000,
        max_input_bytes=50_000_000,
        proven=frozenset(),
        quotes_per_minute=6,
        health=None,
        runware_content_url="https://content.runware.ai",
        poll_seconds=None,
        runware_timeout=30.0,
        clock_file=None,
    )


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("DISCORD_TOKEN", "  abc.DEF_1-2  ", "discord_token", "abc.DEF_1-2"),
        ("RUNWARE_API_KEY", "k", "runware_api_key", "k"),
        ("ALLOWED_SERVERS", "123, 456", "allowed_servers", frozenset({123, 456})),
        ("ALLOWED_SERVERS", "*", "allowed_servers", "*"),
        ("ALLOWED_SERVERS", "", "allowed_servers", None),
        ("MAX_JOBS", "1", "max_jobs", 1),
        ("MAX_JOBS", "1000", "max_jobs", 1000),
        ("DATABASE_URL", "sqlite:///a/b.db", "database", Path("a/b.db")),
        ("DATABASE_URL", "sqlite:////var/lib/raybot.db", "database", Path("/var/lib/raybot.db")),
        ("RESULT_TTL", "60", "result_ttl", 60),
        ("RESULT_TTL", "", "result_ttl", None),
        ("UPLOAD_ENDPOINT", "https://b.example/put?sig=a/", "upload_endpoint", "https://b.example/put?sig=a/"),
        ("QUOTES_PER_MINUTE", "60", "quotes_per_minute", 60),
        ("HEALTH", "8080", "health", Listen("127.0.0.1", 8080)),
        ("HEALTH", ":8080", "health", Listen("127.0.0.1", 8080)),
        ("HEALTH", "10.0.0.5:8080", "health", Listen("10.0.0.5", 8080)),
        ("HEALTH", "[::1]:8080", "health", Listen("::1", 8080)),
        ("RUNWARE_CONTENT_URL", "http://127.0.0.1:8089/", "runware_content_url", "http://127.0.0.1:8089"),
        ("LOG_LEVEL", "debug", "log_level", "DEBUG"),
        ("DISCORD_API_URL", "http://127.0.0.1:8080/api/v10/", "discord_api_url", "http://127.0.0.1:8080/api/v10"),
        ("RUNWARE_API_URL", "http://localhost:8089/v1", "runware_api_url", "http://localhost:8089/v1"),
        ("RUNWARE_API_URL", "http://[::1]:8089/v1", "runware_api_url", "http://[::1]:8089/v1"),
        ("RUNWARE_API_URL", "https://proxy:8443/v1", "runware_api_url", "https://proxy:8443/v1"),
        ("POLL_SECONDS", "0.05", "poll_seconds", 0.05),
        ("POLL_SECONDS", "3600", "poll_seconds", 3600.0),
        ("RUNWARE_TIMEOUT", "", "runware_timeout", 30.0),
        ("RUNWARE_TIMEOUT", "1.5", "runware_timeout", 1.5),
        ("LINK_HOSTS", "", "link_hosts", Hosts(None, frozenset())),
        (
            "LINK_HOSTS",
            "*.Runware.ai, cdn.example.com,http://127.0.0.1:8089/",
            "link_hosts",
            Hosts(("*.runware.ai", "cdn.example.com"), frozenset({"http://127.0.0.1:8089"})),
        ),
        (
            "DISCORD_MEDIA_HOSTS",
            "http://127.0.0.1:8080",
            "discord_media_hosts",
            Hosts((), frozenset({"http://127.0.0.1:8080"})),
        ),
        ("RUNWARE_MEDIA_HOSTS", "vm.runware.ai", "runware_media_hosts", Hosts(("vm.runware.ai",), frozenset())),
        ("MEDIA_DIR", "/var/lib/raybot/media", "media_dir", Path("/var/lib/raybot/media")),
        ("MEDIA_KEEP_DAYS", "1", "media_keep_days", 1),
        ("MEDIA_KEEP_DAYS", "3650", "media_keep_days", 3650),
        ("MEDIA_MAX_BYTES", "1.5 TB", "media_max_bytes", 1_500_000_000_000),
        ("MEDIA_MAX_BYTES", "100TB", "media_max_bytes", 100_000_000_000_000),
        ("MAX_INPUT_BYTES", "50000000", "max_input_bytes", 50_000_000),
        ("MAX_INPUT_BYTES", "50 MB", "max_input_bytes", 50_000_000),
        ("MAX_INPUT_BYTES", "50mb", "max_input_bytes", 50_000_000),
        ("MAX_INPUT_BYTES", "0.5 GB", "max_input_bytes", 500_000_000),
        ("MAX_INPUT_BYTES", "1000 KB", "max_input_bytes", 1_000_000),
        ("MAX_INPUT_BYTES", "1000000 b", "max_input_bytes", 1_000_000),
        ("MAX_INPUT_BYTES", "1.000001 MB", "max_input_bytes", 1_000_001),
        ("PROVEN", "exr", "proven", frozenset({"exr"})),
        ("PROVEN", " Placement,EXR,", "proven", frozenset({"exr", "placement"})),
    ],
)
def test_a_setting_is_read(name: str, text: str, field: str, value: object) -> None:
    assert getattr(settings(**{name: text}), field) == value


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("ACCOUNT_LIMIT", Layer.ACCOUNT),
        ("DEFAULT_SERVER_LIMIT", Layer.SERVER),
        ("DEFAULT_MEMBER_LIMIT", Layer.MEMBER),
    ],
)
def test_a_limit_is_read_into_its_layer(name: str, layer: Layer) -> None:
    """Unlimited must be said, and zero blocks."""
    assert settings(**{name: "unlimited"}).limits[layer] == ()
    assert settings(**{name: "0/day"}).limits[layer] == (per("0", "day"),)
    assert settings(**{name: "1.50/week and 20/24h"}).limits[layer] == (
        per("1.5", "week"),
        Limit(Usd.of(20), Rolling(24)),
    )


WRONG = {
    "DISCORD_TOKEN": ["", "two words", "line\nbreak", "Bot abc", "schlüssel", "a\x00b"],
    "RUNWARE_API_KEY": ["", "two words", "tab\tinside", "ключ"],
    "ALLOWED_SERVERS": ["all", "123,", "12 34", "-5", "**", "*,123", "１２３", "9" * 5_000],
    "ACCOUNT_LIMIT": ["lots", "5", "-5/day", "5/year", "5.001/day", "0", "5/day or 60/month", "nan/day"],
    "DEFAULT_SERVER_LIMIT": ["5€/day", "none"],
    "DEFAULT_MEMBER_LIMIT": ["1e3/day", "unlimited/day"],
    "MAX_JOBS": ["0", "-1", "1001", "4.0", "four", "４", "9" * 5_000],
    "DATABASE_URL": [
        "data/raybot.db",
        "postgres://x/y",
        "sqlite://x",
        "sqlite:///",
        "sqlite:///a\x00b",
        "sqlite:///a\nb",
    ],
    "RESULT_TTL": ["59", "1h", "-60", "60.5", "9" * 5_000],
    "UPLOAD_ENDPOINT": ["ftp://x.example", "http://x.example", "here", "https://", "https://a b.example/"],
    "QUOTES_PER_MINUTE": ["0", "-1", "6001", "six", "1.5"],
    "HEALTH": [
        "on",
        "localhost:8080",
        "127.0.0.1",
        ":",
        "127.0.0.1:port",
        "1.2.3:80",
        "127.0.0.1:70000",
        "http://x:1",
    ],
    "RUNWARE_CONTENT_URL": ["http://content.runware.ai", "content.runware.ai"],
    "LOG_LEVEL": ["loud", "10"],
    "DISCORD_API_URL": ["http://discord.com/api", "discord.com", "https://user:pass@discord.com/api"],
    "RUNWARE_API_URL": [
        "http://api.runware.ai/v1",
        "http://127.0.0.1.evil.example/v1",
        "http://127.0.0.1@evil.example/v1",
        "https://api.runware.ai:99999/v1",
        "https://api.runware.ai:port/v1",
        "https://api..runware.ai/v1",
        "https://[::1/v1",
        "https:///v1",
        "https://api.runware.ai\\@evil.example/v1",
        "https://api.runware.ai/v1\x7f",
    ],
    "LINK_HOSTS": [
        "*",
        "runware",
        "*.*.ai",
        "evil/",
        "a b.example",
        "cdn.example.com:8443",
        "127.0.0.1",
        "http://cdn.example.com",
        "https://cdn.example.com/path",
        "https://a@cdn.example.com",
        "ftp://cdn.example.com",
        "https://",
    ],
    "DISCORD_MEDIA_HOSTS": ["*", ",", "http://cdn.discordapp.com", "cdn.discordapp.com/attachments"],
    "RUNWARE_MEDIA_HOSTS": ["*", " , ", "http://vm.runware.ai", "https://vm.runware.ai/video"],
    "MEDIA_DIR": ["/", ".", "..", "data/..", "~/media", "data\nmedia", "data\x00media"],
    "MEDIA_KEEP_DAYS": ["0", "3651", "-1", "1.5", "a week", "9" * 5_000],
    "MEDIA_MAX_BYTES": ["0", "999 KB", "100.1 TB", "2 GiB", "2 G", "much", "-2 GB", "2  GB", "9" * 5_000],
    "MAX_INPUT_BYTES": [
        *("0", "999999", "0.9 MB", "500.1 MB", "1 GB", "50M", "50 MiB", "MB", "5e7", "1_000_000", "50,5 MB"),
        *("1.0000001 MB", "nan", "inf", "٥٠ MB", ".5 GB", "50. MB"),
    ],
    "PROVEN": ["hdr", "exr placement", "exr,hdr", "yes"],
    "POLL_SECONDS": ["0", "-1", "0.01", "3601", "nan", "inf", "often", "1s"],
    "RUNWARE_TIMEOUT": ["0", "3601", "nan", "30s"],
    "CLOCK_FILE": [
        "~/clock",
        "/",
        "..",
        "clock\nfile",
        "/var/lib/raybot/clock",
    ],  # the last: with services that are real
}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in WRONG.items() for text in texts])
def test_a_wrong_value_is_one_line_that_names_its_setting(name: str, text: str) -> None:
    with pytest.raises(WrongSettings) as wrong:
        settings(**{name: text})
    said = str(wrong.value)
    assert re.fullmatch(rf"{name}: .{{10,}}", said), said
    assert said.isascii()
    assert said.isprintable()
    assert len(said) < 200


LOOPBACK = {"DISCORD_API_URL": "http://127.0.0.1:1/api/v10", "RUNWARE_API_URL": "http://[::1]:2/v1"}


def test_a_false_clock_is_for_loopback_alone() -> None:
    assert settings(CLOCK_FILE="/var/lib/raybot/clock", **LOOPBACK).clock_file == Path("/var/lib/raybot/clock")
    for name in LOOPBACK:
        one_is_real = {**LOOPBACK, name: "https://proxy.example/v1"}
        with pytest.raises(WrongSettings, match="CLOCK_FILE: is for tests and the sandbox"):
            settings(CLOCK_FILE="/var/lib/raybot/clock", **one_is_real)


def test_every_setting_has_its_wrong_values_here() -> None:
    assert set(WRONG) == names_in_the_code()


def test_everything_that_is_wrong_is_said_together() -> None:
    with pytest.raises(WrongSettings) as wrong:
        load({"MAX_JOBS": "many", "LOG_LEVEL": "loud", "POLL_SECONDS": "5"}, NOWHERE)
    lines = str(wrong.value).splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "DISCORD_TOKEN",
        "RUNWARE_API_KEY",
        "MAX_JOBS",
        "LOG_LEVEL",
    ]


def test_a_wrong_key_is_not_repeated() -> None:
    with pytest.raises(WrongSettings) as wrong:
        load({"DISCORD_TOKEN": f"{TOKEN} x", "RUNWARE_API_KEY": f"{KEY} y"}, NOWHERE)
    assert TOKEN not in str(wrong.value)
    assert KEY not in str(wrong.value)


def test_settings_show_no_key() -> None:
    """However they are put into a log."""
    given = settings()
    shown = f"{given} {given!r} {[given]}"
    assert TOKEN not in shown
    assert KEY not in shown
    assert "raybot.db" in shown


# --- the file


def from_file(folder: Path, text: str | bytes, **env: str) -> Settings:
    file = folder / ".env"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load(env, file)


def test_the_environment_comes_before_the_file(tmp_path: Path) -> None:
    file = f"DISCORD_TOKEN={TOKEN}\nRUNWARE_API_KEY=from-the-file\nMAX_JOBS=2\nLOG_LEVEL=ERROR\n"
    given = from_file(tmp_path, file, RUNWARE_API_KEY=KEY, MAX_JOBS="3")
    assert (given.discord_token, given.runware_api_key) == (TOKEN, KEY)
    assert (given.max_jobs, given.log_level) == (3, "ERROR")


def test_an_empty_value_in_the_environment_means_the_default(tmp_path: Path) -> None:
    """It is said, so the file is not asked."""
    file = f"DISCORD_TOKEN={TOKEN}\nRUNWARE_API_KEY={KEY}\nMAX_JOBS=2\n"
    assert from_file(tmp_path, file, MAX_JOBS=" ").max_jobs == 4


def test_the_file_may_be_written_as_people_write_files(tmp_path: Path) -> None:
    """Quotes, comments, `export`, Windows line ends and a byte order mark; and a dollar sign is itself."""
    text = f'\ufeffDISCORD_TOKEN="{TOKEN}"\r\n# no\r\nexport RUNWARE_API_KEY=k${{HOME}}y # mine\r\nMAX_JOBS\r\n'
    given = from_file(tmp_path, text)
    assert (given.discord_token, given.runware_api_key, given.max_jobs) == (TOKEN, "k${HOME}y", 4)


def test_without_a_file_the_environment_does(tmp_path: Path) -> None:
    assert load(REQUIRED, tmp_path / ".env").max_jobs == 4


@pytest.mark.parametrize("text", ["DISCORD_TOKEN=ä".encode("utf-16"), "DISCORD_TOKEN=ä".encode("latin-1")])
def test_a_file_that_is_no_text_is_said_in_one_line(tmp_path: Path, text: bytes) -> None:
    """What some editors save."""
    with pytest.raises(WrongSettings, match=r"^\S*\.env: [^\n]+$"):
        from_file(tmp_path, text, **REQUIRED)


@pytest.mark.parametrize("name", ["DEFAULT_MEMBER_LIMITS", "MAX_JOB", "max_jobs", "ACOUNT_LIMIT"])
def test_a_name_in_the_file_that_is_nearly_a_settings_is_not_passed_over(tmp_path: Path, name: str) -> None:
    """Otherwise the default applies, and the operator believes that a limit is set."""
    with pytest.raises(WrongSettings, match=rf"^{name}: there is no such setting; is [A-Z_]+ meant\?$"):
        from_file(tmp_path, f"{name}=1", **REQUIRED)


def test_other_programs_names_in_the_file_are_none_of_ours(tmp_path: Path) -> None:
    assert from_file(tmp_path, "POSTGRES_PASSWORD=x", **REQUIRED).max_jobs == 4


# --- .env.example


def names_in_the_code() -> set[str]:
    return set(re.findall(r'setting\("([A-Z_]+)"', Path(module.__file__).read_text("utf-8")))


def names_in_the_example() -> list[str]:
    return re.findall(r"^([A-Z_]+)=", EXAMPLE.read_text("utf-8"), re.MULTILINE)


def test_the_example_and_the_code_list_the_same_settings() -> None:
    assert sorted(names_in_the_example()) == sorted(names_in_the_code()) == sorted(NAMES)


def test_the_examples_values_are_the_codes_defaults() -> None:
    """Copied and given its two keys, it changes nothing."""
    assert load(REQUIRED, EXAMPLE) == settings()
    with pytest.raises(WrongSettings, match=r"^DISCORD_TOKEN: .*\nRUNWARE_API_KEY: .*$"):
        load({}, EXAMPLE)
