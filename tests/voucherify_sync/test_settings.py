"""Settings come from flags, environment and `.env`; a wrong one is named, never quoted."""

from pathlib import Path

import pytest

from voucherify_sync import stores, wiring
from voucherify_sync.settings import SettingsError, load, unknown_variables


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the machine that runs the tests reaches them."""
    for name in [*unknown_variables(), "VOUCHERIFY_SYNC_PORT", "VOUCHERIFY_SYNC_HOST"]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def test_defaults() -> None:
    """What holds where nothing is set is what the contract says."""
    settings = load()

    assert (Path("./data/log.db"), Path("./data/state.db")) == (
        settings.log_path(),
        settings.state_path(),
    )
    assert ("127.0.0.1", 8080, 14 * 86_400, 1_048_576, "any") == (
        settings.host,
        settings.port,
        settings.log_retention,
        settings.max_body,
        settings.allowed_sources,
    )
    assert ((), ()) == (settings.secrets(), settings.api_key_lines())


def test_precedence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A flag outranks the environment, and that the `.env` file."""
    (tmp_path / ".env").write_text("VOUCHERIFY_SYNC_PORT=1\nVOUCHERIFY_SYNC_HOST=::1\nOTHER=x\n")
    monkeypatch.setenv("VOUCHERIFY_SYNC_PORT", "2")

    assert (2, "::1", 3) == (load().port, load().host, load({"port": "3", "host": None}).port)


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30), ("15m", 900), ("12h", 43_200), ("14 d", 1_209_600)]
)
def test_durations(text: str, seconds: int) -> None:
    """A duration is a number with a unit."""
    assert seconds == load({"log_retention": text}).log_retention


def test_secrets_and_keys(tmp_path: Path) -> None:
    """Several secrets are separated by commas; files hold one a line."""
    (tmp_path / "state").write_text("sqlite:////srv/state.db\n")
    settings = load(
        {
            "webhook_secrets": " first, second ,",
            "api_keys": "app:token,, other:token:proj ",
            "state_file": str(tmp_path / "state"),
        }
    )

    assert ("first", "second") == settings.secrets()
    assert ("app:token", "other:token:proj") == settings.api_key_lines()
    assert Path("/srv/state.db") == settings.state_path()
    assert "first" not in repr(settings)


@pytest.mark.parametrize(
    ("flags", "names"),
    [
        ({"port": "http"}, "VOUCHERIFY_SYNC_PORT"),
        ({"port": "65536"}, "VOUCHERIFY_SYNC_PORT"),
        ({"max_body": "0"}, "VOUCHERIFY_SYNC_MAX_BODY"),
        ({"log_retention": "two weeks"}, "VOUCHERIFY_SYNC_LOG_RETENTION: is a number with a unit"),
        ({"log_level": "loud", "port": "x"}, "LOG_LEVEL.*PORT|PORT.*LOG_LEVEL"),
        ({"kafka_security_protocol": "TLS"}, "VOUCHERIFY_SYNC_KAFKA_SECURITY_PROTOCOL"),
        ({"topic_prefix": "a b"}, "VOUCHERIFY_SYNC_TOPIC_PREFIX"),
        ({"topic_partitions": "0"}, "VOUCHERIFY_SYNC_TOPIC_PARTITIONS"),
        ({"dead_letter_brake": "2"}, "VOUCHERIFY_SYNC_DEAD_LETTER_BRAKE"),
    ],
)
def test_wrong_settings_are_named(flags: dict[str, str], names: str) -> None:
    """The message says which variable is wrong and what it may be."""
    with pytest.raises(SettingsError, match=names) as caught:
        load(flags)

    assert not any(repr(value) in str(caught.value) for value in flags.values())


@pytest.mark.parametrize(
    "url",
    [
        "redis://x",
        "sqlite://",
        "data.db",
        "",
        "kafka://",
        "kafka://broker",
        "kafka://a:1,,b:2",
        "kafka://user:password@broker:9092",
        "postgresql://user:password@host:port/name",
        "postgresql:user:password@host/name",
    ],
)
def test_wrong_urls_are_named(url: str) -> None:
    """A storage that there is not is refused by its setting's name, and never quoted."""
    with pytest.raises(SettingsError, match="VOUCHERIFY_SYNC_LOG") as wrong_log:
        stores.open_log(load({"log": url}))
    with pytest.raises(SettingsError, match="VOUCHERIFY_SYNC_STATE") as wrong_state:
        stores.open_state(load({"state": url}))
    with pytest.raises(SettingsError, match="VOUCHERIFY_SYNC_STATE"):
        stores.open_reader(load({"state": url}))
    assert "password@" not in f"{wrong_log.value} {wrong_state.value}".replace("PASSWORD@HOST", "")


def test_several_hosts_of_one_database() -> None:
    """Each of them may have a port, as every PostgreSQL client takes them."""
    url = "postgresql://user:password@one:5432,two:5433/name"

    assert url == load({"state": url}).state_url()
    stores.open_state(load({"state": url}))


def test_brokers() -> None:
    """One broker or several, by name or address."""
    settings = load({"log": "kafka://kafka-0.kafka:9092, 10.0.0.1:9092,[::1]:9093/"})

    assert settings.log_path() is None
    assert ("kafka-0.kafka:9092", "10.0.0.1:9092", "[::1]:9093") == settings.kafka_servers()


def test_the_brokers_password(tmp_path: Path) -> None:
    """It comes from the environment or from a file, and stands in no repr."""
    (tmp_path / "password").write_text("of the file\n")
    given = load({"kafka_sasl_password": "of the environment"})

    assert "of the environment" == given.kafka_password()
    assert "of the environment" not in repr(given)
    assert (
        "of the file" == load({"kafka_sasl_password_file": tmp_path / "password"}).kafka_password()
    )
    assert load().kafka_password() is None


@pytest.mark.parametrize(
    ("flags", "name"),
    [
        ({"kafka_security_protocol": "sasl_ssl"}, "KAFKA_SASL_USERNAME is not set"),
        (
            {"kafka_security_protocol": "SASL_PLAINTEXT", "kafka_sasl_username": "ann"},
            "KAFKA_SASL_PASSWORD is not set",
        ),
        ({"kafka_ssl_cafile": "nowhere.pem"}, "KAFKA_SSL_CAFILE: nowhere.pem is no file"),
    ],
)
def test_links_that_no_broker_could_accept(flags: dict[str, str], name: str) -> None:
    """What lacks for a secured link is said at the start."""
    with pytest.raises(SettingsError, match=name):
        stores.open_log(load({"log": "kafka://localhost:9092", **flags}))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """A file that a setting names and that can't be read is named."""
    with pytest.raises(SettingsError, match="state: can't be read"):
        load({"state_file": str(tmp_path / "state")}).state_path()
    with pytest.raises(SettingsError, match=r"API_KEYS_FILE: .*keys can't be read"):
        wiring.api_keys(load({"api_keys_file": str(tmp_path / "keys")}))


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        ({"api_keys": "app"}, "API_KEYS: entry 1 is not app-id:token"),
        ({"api_keys": "a:b,app:token:project:more"}, "API_KEYS: entry 2 is not"),
        ({"api_keys": "a:b:one,a:b:two"}, "API_KEYS: entry 2 repeats the pair"),
        ({"api_keys": " , "}, "API_KEYS: is set, and holds no"),
    ],
)
def test_api_keys_that_make_no_sense(flags: dict[str, str], says: str) -> None:
    """They are refused at the start, and not quoted; for none, nothing is set."""
    with pytest.raises(SettingsError, match=says) as refused:
        wiring.api_keys(load(flags))
    assert "token:" not in str(refused.value).replace("app-id:token:project", "")
    assert () == wiring.api_keys(load({}))


@pytest.mark.parametrize(("content", "says"), [("\n \n", "holds no secret"), ("app", "entry 1")])
def test_a_file_of_api_keys_that_makes_no_sense(tmp_path: Path, content: str, says: str) -> None:
    """An empty file does not open the API to everyone."""
    (tmp_path / "keys").write_text(content)

    with pytest.raises(SettingsError, match=f"VOUCHERIFY_SYNC_API_KEYS_FILE: .*{says}"):
        wiring.api_keys(load({"api_keys_file": str(tmp_path / "keys")}))


@pytest.mark.parametrize("origin", ["https://a.example/", "a.example", "null", "https://*.a"])
def test_an_origin_that_is_none(origin: str) -> None:
    """No browser would ever send it."""
    with pytest.raises(SettingsError, match="VOUCHERIFY_SYNC_CORS_ORIGINS: "):
        wiring.answer(load({"cors_origins": origin}))


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),  # noqa: S104 - what is tested
        ("example.com", False),
    ],
)
def test_loopback(host: str, expected: bool) -> None:
    """Only addresses that this machine alone can reach are loopback."""
    assert expected == load({"host": host}).listens_on_loopback()


def test_unknown_variables() -> None:
    """A misspelt variable is found by its prefix."""
    environment = {"VOUCHERIFY_SYNC_PROT": "1", "VOUCHERIFY_SYNC_PORT": "1", "PATH": ""}

    assert ["VOUCHERIFY_SYNC_PROT"] == unknown_variables(environment)
