"""The folder of kept files: what is not ours is left alone, and one that cannot be used is named."""

import pytest

from bot.kept import CannotKeep, Swept
from tests.bot.shelf import Shelf, hash_of, kept_for, mode

# What is not ours -----------------------------------------------------------------------------------------------


async def test_links_and_foreign_files_are_neither_followed_nor_removed(shelf: Shelf) -> None:
    outside = shelf.folder.parent / "outside"
    outside.mkdir()
    (outside / ("b" * 64)).write_bytes(b"precious")
    async with shelf.open():
        pass
    inputs, incoming = shelf.folder / "inputs", shelf.folder / "incoming"
    (inputs / ("a" * 64)).symlink_to(outside / ("b" * 64))
    (inputs / ("c" * 64)).mkdir()
    (inputs / "notes.txt").write_bytes(b"somebody's")
    (shelf.folder / "notes.txt").write_bytes(b"somebody's")
    (incoming / ("d" * 32)).symlink_to(outside)
    (incoming / "notes").mkdir()
    async with shelf.open(most=1) as kept:
        assert not kept.has("a" * 64)
        assert await kept.sweep() == Swept(0, 0, 0)
        async with kept.receiving() as receiving:
            assert not await receiving.pin("a" * 64)
    assert shelf.names() == {"a" * 64, "c" * 64, "notes.txt"}
    assert shelf.names("incoming") == {"d" * 32, "notes"}
    assert (outside / ("b" * 64)).read_bytes() == b"precious"


async def test_a_link_where_a_file_belongs_is_replaced_and_what_it_leads_to_is_not(shelf: Shelf) -> None:
    precious = shelf.folder.parent / "precious"
    precious.write_bytes(b"precious")
    async with shelf.open() as kept:
        kept.path(hash_of(b"picture")).symlink_to(precious)
        sha256 = await kept_for(shelf, kept, b"picture", "q")
        assert kept.has(sha256)
    assert precious.read_bytes() == b"precious"


async def test_a_folder_that_others_use_too_keeps_its_mode(shelf: Shelf) -> None:
    shelf.folder.mkdir(mode=0o755)
    (shelf.folder / "theirs").mkdir()
    async with shelf.open():
        assert mode(shelf.folder) == 0o755
        assert mode(shelf.folder / "inputs") == 0o700


async def test_a_folder_of_its_own_is_closed_to_others(shelf: Shelf) -> None:
    shelf.folder.mkdir()
    shelf.folder.chmod(0o755)
    async with shelf.open():
        assert mode(shelf.folder) == 0o700


# A folder that cannot be used -----------------------------------------------------------------------------------


async def refused(shelf: Shelf) -> str:
    with pytest.raises(CannotKeep) as caught:
        async with shelf.open():
            pass
    line = str(caught.value)
    assert line.startswith(f"MEDIA_DIR: {shelf.folder}")
    assert "\n" not in line
    return line


async def test_a_folder_that_cannot_be_made_is_named(shelf: Shelf) -> None:
    shelf.folder.write_bytes(b"a file")
    assert "cannot be used: File exists" in await refused(shelf)
    shelf.folder = shelf.folder / "below"
    assert "cannot be used: Not a directory" in await refused(shelf)


@pytest.mark.parametrize("part", ["inputs", "results", "incoming", "lock"])
async def test_a_folder_in_which_a_link_leads_elsewhere_is_refused(shelf: Shelf, part: str) -> None:
    elsewhere = shelf.folder.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / ("a" * 32)).mkdir()
    shelf.folder.mkdir()
    (shelf.folder / part).symlink_to(elsewhere)
    await refused(shelf)
    assert (elsewhere / ("a" * 32)).exists()


async def test_a_folder_has_one_process(shelf: Shelf) -> None:
    """Each would remove what the other needs."""
    async with shelf.open():
        assert "in use by another Raybot" in await refused(shelf)
    async with shelf.open():
        pass
