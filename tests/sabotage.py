"""`./run sabotage`: breaks each promise in a copy of the project, and shows that its test then fails.

A test that cannot fail keeps no promise. Each sabotage is a few lines; its tests pass in a copy that is whole and
fail in the broken one. To add one: a Sabotage, with the test that is to notice. Words after the command choose by
promise, such as `./run sabotage 3`.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
LEFT_OUT: Final = shutil.ignore_patterns(
    ".venv", ".git", "data", "__pycache__", ".hypothesis", ".ruff_cache", ".env"
)
PATIENCE: Final = 300  # seconds for one run of tests
TOGETHER: Final = ("-n", "4", "--dist", "loadscope")
TESTS_FAILED: Final = 1  # pytest's exit status for that, and for nothing else


@dataclass(frozen=True)
class Edit:
    """In `file`, `old` (which stands there once) becomes `new`."""

    file: str
    old: str
    new: str


@dataclass(frozen=True)
class Sabotage:
    """One way to break a promise (its number in the README), and the tests that are to notice."""

    promise: int
    what: str
    edits: tuple[Edit, ...]
    tests: tuple[str, ...]


SABOTAGES: Final = (
    Sabotage(
        1,
        "/generate buys at once",
        (
            Edit(
                "cogs/instead.py",
                "return await bot.checkout.offer(request, requester, origin)",
                "offer = await bot.checkout.offer(request, requester, origin); "
                "await bot.checkout.confirm(offer.stored.id, requester); return offer",
            ),
        ),
        (
            "tests/cogs/test_generate.py::test_a_card_alone_holds_nothing_sends_nothing_and_shows_nobody_else_anything",
        ),
    ),
    Sabotage(
        1,
        "a press under a finished video buys at once",
        (
            Edit(
                "cogs/result_quotes.py",
                "found = await instead.quoted(interaction.client, request, requester, origin)\n    says",
                "found = await instead.quoted(interaction.client, request, requester, origin)\n"
                "        await interaction.client.checkout.confirm(found.stored.id, requester)\n    says",
            ),
        ),
        ("tests/cogs/test_results.py::test_again_is_a_quote_for_the_same_in_private_and_nothing_is_bought",),
    ),
    Sabotage(
        1,
        "a quote buys again when it is pressed again",
        (
            Edit(
                "bot/checkout.py",
                "raise AlreadyConfirmed(stored.job_id)\n        if stored.is_cancelled:",
                "pass\n        if stored.is_cancelled:",
            ),
            Edit("storage/migrations/0001_initial.sql", "quote_id TEXT NOT NULL UNIQUE", "quote_id TEXT NOT NULL"),
        ),
        ("tests/bot/test_checkout.py::test_one_quote_buys_one_job_whoever_presses_how_often",),
    ),
    Sabotage(
        1,
        "a quote that was trimmed still buys, untrimmed",
        (Edit("bot/checkout.py", "await quotes.cancel(tx, instead_of, now)", "pass"),),
        ("tests/cogs/test_trim.py::test_a_quote_that_was_trimmed_buys_nothing_any_more_on_another_device",),
    ),
    Sabotage(
        1,
        "a quote that was changed on its card still buys, unchanged",
        (Edit("bot/checkout.py", "await quotes.cancel(tx, instead_of, now)", "pass"),),
        ("tests/cogs/test_quote_changes.py::test_a_menu_makes_a_new_quote_and_the_old_one_buys_nothing",),
    ),
    Sabotage(
        1,
        "a card goes on with a quote that somebody else's press has changed already",
        (Edit("bot/checkout.py", "await self._open_quote(tx, instead_of, requester)", "pass"),),
        ("tests/cogs/test_quote_changes.py::test_from_however_many_devices_at_once_exactly_one_quote_is_open",),
    ),
    Sabotage(
        1,
        "the card shows less than what is held",
        (
            Edit(
                "cogs/quote_card.py",
                'say("card.heading", n=count, price=price.cents)',
                'say("card.heading", n=count, price=price.share(2).cents)',
            ),
        ),
        ("tests/cogs/test_buttons.py::test_each_card_costs_what_it_says_also_after_another_one",),
    ),
    Sabotage(
        2,
        "limits are not read again at Confirm",
        (
            Edit(
                "bot/checkout.py",
                "_, admission = _admitted(request, requester, terms, situation)",
                "admission = situation.ask(price.total)",
            ),
        ),
        ("tests/bot/test_checkout.py::test_two_hundred_at_once_hold_exactly_what_there_is_room_for",),
    ),
    Sabotage(
        2,
        "open holds do not count",
        (
            Edit(
                "storage/ledger.py", "WHERE jobs.state IN ('queued', 'sending',", "WHERE jobs.state IN ('nowhere',"
            ),
        ),
        (
            "tests/bot/test_checkout.py::test_two_hundred_at_once_hold_exactly_what_there_is_room_for",
            "tests/cogs/test_buttons.py::test_twenty_cards_confirmed_at_once_never_hold_more_than_the_limit",
        ),
    ),
    Sabotage(
        2,
        "a role that is set to 0 blocks nobody",
        (
            Edit(
                "bot/domain/admission.py",
                "return any(not standing.limit.amount for standing in self.standings)",
                "return False",
            ),
        ),
        ("tests/bot/domain/test_admission.py",),
    ),
    Sabotage(
        3,
        "the restarted bot forgets what it was sending",
        (
            Edit(
                "bot/submission.py",
                "if job.state is State.SENDING and job.id not in being_sent | self._under_way:",
                "if job.state is State.SENDING and False:",
            ),
        ),
        ("tests/test_kills.py::test_killed_while_sending",),
    ),
    Sabotage(
        3,
        "an unclear send is repeated under a new task id",
        (
            Edit(
                "bot/submission.py",
                "await self._runware.submit(await self._transfer.content(job), task_id=job.task_id)",
                "import uuid; from bot.runware.content import Content; new = str(uuid.uuid4()); "
                "pieces = (await self._transfer.content(job)).pieces; "
                "old = job.task_id.encode(); texts = [one for one in pieces if isinstance(one, bytes)]; "
                "changed = Content(tuple(text.replace(old, new.encode()) for text in texts)); "
                "await self._runware.submit(changed, task_id=new)",
            ),
        ),
        ("tests/test_kills.py::test_killed_while_sending",),
    ),
    Sabotage(
        3,
        "what is not on the disk yet is taken for stored",
        (Edit("storage/commits.py", "if waits:\n            await self._stored(batch)", "pass"),),
        ("tests/storage/test_commits.py::test_many_at_once_share_a_commit_and_none_goes_on_before_it",),
    ),
    Sabotage(
        3,
        "what failed is stored with what came at the same time",
        (Edit("storage/commits.py", 'self._connection.execute("ROLLBACK TO one")', "pass"),),
        ("tests/storage/test_commits.py::test_one_that_fails_takes_nothing_of_the_others_along",),
    ),
    Sabotage(
        3,
        "what SQLite has undone before the commit is taken for stored",
        (Edit("storage/commits.py", 'self._connection.execute("COMMIT")', "self._connection.commit()"),),
        ("tests/storage/test_commits.py::test_what_is_undone_before_the_commit_is_not_taken_for_stored",),
    ),
    Sabotage(
        3,
        "an upload is used before it is recorded",
        (
            Edit(
                "bot/transfer.py",
                "await transfers.add(tx, job.id, source.sha256, way,",
                "str((tx, job.id, source.sha256, way)) or transfers.add(tx, job.id, source.sha256, way,",
            ),
        ),
        ("tests/bot/test_transfer.py",),
    ),
    Sabotage(
        3,
        "a post is not looked for before it is made again",
        (Edit("cogs/delivery.py", "if found is not None:", "if False:"),),
        ("tests/test_kills.py::test_a_post_is_found_when_discord_has_long_forgotten_its_nonce",),
    ),
    Sabotage(
        3,
        "a stop cuts a Confirm short",
        (Edit("bot/app.py", "await bot.leave()", "pass"),),
        ("tests/faults/test_stopping.py::test_a_confirm_that_is_under_way_is_answered_and_goes_on",),
    ),
    Sabotage(
        3,
        "a result goes to nobody where its channel is closed",
        (Edit("cogs/places.py", "yield direct", "return"),),
        ("tests/faults/test_discord.py::test_a_fault[the channel is closed to us]",),
    ),
    Sabotage(
        3,
        "the film that a clip is joined to may be swept before the clip is there",
        (
            Edit(
                "bot/checkout.py",
                "films = [stored.origin.film] if stored.origin and stored.origin.film else []",
                "films: list[str] = []",
            ),
        ),
        ("tests/cogs/test_continue.py::test_the_film_before_it_stays_until_the_clip_is_there",),
    ),
    Sabotage(
        4,
        "what failures cost is booked nowhere",
        (Edit("bot/domain/job.py", "overrun=spent - settle + sum(failures, ZERO)", "overrun=spent - settle"),),
        ("tests/cogs/test_errors.py::test_a_failure_that_is_billed_is_the_servers_and_never_the_members",),
    ),
    Sabotage(
        4,
        "the whole hold is settled, whatever it cost",
        (Edit("bot/domain/job.py", "settle = min(spent, hold)", "settle = hold"),),
        ("tests/storage/test_job_results.py", "tests/bot/domain/test_job.py"),
    ),
    Sabotage(
        4,
        "ledger entries can be changed",
        (Edit("storage/migrations/0001_initial.sql", "BEFORE UPDATE ON ledger", "BEFORE UPDATE OF id ON ledger"),),
        ("tests/storage/test_schema_guards.py",),
    ),
    Sabotage(
        5,
        "only the first thing that is wrong is said",
        (Edit("bot/domain/request.py", "raise InvalidRequest(problems)", "raise InvalidRequest(problems[:1])"),),
        (
            "tests/cogs/test_generate.py"
            "::test_what_cannot_be_asked_for_is_refused_in_words_with_all_that_is_wrong_and_what_would_work",
        ),
    ),
    Sabotage(
        6,
        "an option does not reach the provider",
        (Edit("bot/runware/task.py", '"loop": request.loop, ', ""),),
        ("tests/cogs/test_generate.py::test_every_option_reaches_the_provider_and_costs_what_the_card_said",),
    ),
    Sabotage(
        6,
        "a rule of the model's maker is forgotten",
        (Edit("bot/domain/upstream.py", "if request.duration != 5 and any(", "if request.duration == 7 and any("),),
        ("tests/bot/domain/test_verdicts.py",),
    ),
    Sabotage(
        6,
        "a rule of the provider's is forgotten",
        (Edit("bot/domain/request.py", "if self.loop and self.hdr:", "if self.loop and self.exr:"),),
        ("tests/bot/domain/test_request.py",),
    ),
    Sabotage(
        6,
        "an edit's sound is left out",
        (Edit("bot/finished.py", "await put_sound(silent, self._kept.path(source), whole)", "return None"),),
        ("tests/cogs/test_sound.py::test_each_of_several_results_has_the_sound",),
    ),
    Sabotage(
        3,
        "a finished video is left to the provider's link, which is temporary",
        (Edit("cogs/posting.py", "if file.size <= most}", "if file.size < 0}"),),
        ("tests/cogs/test_links.py::test_the_attachment_plays_on_when_the_providers_link_is_gone",),
    ),
    Sabotage(
        3,
        "Post again posts for each press",
        (
            Edit(
                "storage/migrations/0006_reposts.sql", "CREATE UNIQUE INDEX one_repost", "CREATE INDEX one_repost"
            ),
            Edit(
                "cogs/again.py",
                "    if next_at is not None:\n        raise",
                "    if next_at is None:\n        return\n    if False:\n        raise",
            ),
        ),
        ("tests/cogs/test_again.py",),
    ),
    Sabotage(
        7,
        "a session that cannot be resumed begins anew at discord.com",
        (Edit("bot/app.py", "DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway)", "_ = yarl.URL(gateway)"),),
        ("tests/test_surface.py::test_every_socket_is_loopback_also_after_op_7_and_op_9",),
    ),
    Sabotage(
        7,
        "the sandbox takes its prices from the bot",
        (
            Edit(
                "sandbox/runware/prices.py",
                "from decimal import Decimal",
                "from decimal import Decimal\n\nfrom bot.domain import price as price",
            ),
        ),
        ("tests/test_architecture.py",),
    ),
)


def misfits(sabotage: Sabotage) -> list[str]:
    """The edits that no longer fit the code, in words."""
    found: list[str] = []
    for edit in sabotage.edits:
        times = (ROOT / edit.file).read_text("utf-8").count(edit.old)
        if times != 1:
            found.append(f"{edit.file} has {edit.old!r} {times} times")
    return found


def run_tests(tests: Sequence[str], edits: Sequence[Edit], *options: str) -> int:
    """pytest's exit status for these tests in a copy of the project with these edits."""
    with tempfile.TemporaryDirectory(prefix="raybot-sabotage-") as folder:
        copy = Path(folder) / "raybot"
        shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
        for edit in edits:
            file = copy / edit.file
            file.write_text(file.read_text("utf-8").replace(edit.old, edit.new), "utf-8")
        # warnings stay warnings here: a broken promise is to be noticed by its test, not by a linter's luck
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-W", "default", "-p", "no:cacheprovider"]
        environment = os.environ | {"RAYBOT_KILLS": "4", "RAYBOT_PATIENCE": "12"}
        ran = subprocess.run(
            [*command, *options, *tests],
            cwd=copy,
            env=environment,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        if ran.returncode not in (0, TESTS_FAILED):
            print(ran.stdout.decode()[-2000:], ran.stderr.decode()[-2000:], sep="\n")
        return ran.returncode


def main(chosen: Sequence[str]) -> int:
    """The exit status: 0 when every sabotage was noticed."""
    sabotages = [one for one in SABOTAGES if not chosen or str(one.promise) in chosen]
    if rotten := [says for one in sabotages for says in misfits(one)]:
        print("These sabotages no longer fit the code:", *rotten, sep="\n")
        return 1
    whole = run_tests(sorted({test for one in sabotages for test in one.tests}), (), *TOGETHER)
    if whole != 0:
        print("The tests fail in a copy that nobody broke; mend that first.")
        return 1
    survived = 0
    for one in sabotages:
        began = time.monotonic()
        status = run_tests(one.tests, one.edits)
        survived += status != TESTS_FAILED
        mark = "✓ noticed" if status == TESTS_FAILED else f"✗ NOT NOTICED (exit {status})"
        print(f"{mark:<12} promise {one.promise}: {one.what} ({time.monotonic() - began:.0f} s)", flush=True)
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
