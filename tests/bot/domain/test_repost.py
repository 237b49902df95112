"""How often a video may be posted once more."""

from datetime import UTC, datetime, timedelta

from bot.domain.repost import OF_A_MEMBER, WINDOW, next_repost

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def test_the_first_is_free():
    assert next_repost(None, [], NOW) is None


def test_a_job_is_posted_again_once_in_a_window():
    assert next_repost(ago(9), [ago(9)], NOW) == ago(9) + WINDOW
    assert next_repost(ago(10), [ago(10)], NOW) is None


def test_a_member_asks_for_so_many_in_a_window_of_whatever_jobs():
    asked = [ago(n) for n in range(1, OF_A_MEMBER + 1)]
    assert next_repost(None, asked[1:], NOW) is None
    assert next_repost(None, asked, NOW) == ago(OF_A_MEMBER) + WINDOW
    assert next_repost(None, [*asked[1:], ago(10)], NOW) is None


def test_of_two_waits_the_longer_one_counts():
    assert next_repost(ago(1), [ago(n) for n in (1, 2, 3, 4, 9)], NOW) == ago(1) + WINDOW
