"""Forms that a bot opens: each kind of field, filled in as a member does, and what is sent then."""

import json
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest

from sandbox.page.server import Page
from tests.sandbox.page.chromium import Chromium, Window
from tests.sandbox.page.visit import opened

COLOURS: Final = [{"label": name, "value": name.lower()} for name in ("Red", "Green", "Blue")]
FORM: Final[dict[str, Any]] = {
    "title": "Edit this request",
    "components": [
        {"type": 10, "content": "**Nothing** is bought by this."},
        {
            "type": 18,
            "label": "Prompt",
            "description": "What the video shows",
            "component": {"type": 4, "custom_id": "prompt", "style": 2, "value": "A fox", "max_length": 4000},
        },
        {
            "type": 18,
            "label": "Name",
            "component": {"type": 4, "custom_id": "name", "style": 1, "required": False},
        },
        {"type": 18, "label": "Colour", "component": {"type": 3, "custom_id": "colour", "options": COLOURS}},
        {"type": 18, "label": "Who", "component": {"type": 5, "custom_id": "who", "required": False}},
        {"type": 18, "label": "Where", "component": {"type": 8, "custom_id": "where", "channel_types": [0]}},
        {"type": 18, "label": "Picture", "component": {"type": 19, "custom_id": "picture", "required": False}},
        {"type": 18, "label": "Shape", "component": {"type": 21, "custom_id": "shape", "options": COLOURS}},
        {
            "type": 18,
            "label": "Extras",
            "component": {"type": 22, "custom_id": "extras", "options": COLOURS, "required": False},
        },
        {"type": 18, "label": "Loop", "component": {"type": 23, "custom_id": "loop"}},
    ],
}


@pytest.fixture
async def window(page: Page, browser: Chromium) -> AsyncIterator[Window]:
    """A window with the form open; `sent` is what it sends, `answers` what comes back, oldest first."""
    window = await opened(browser, page)
    await window.press("#write")
    await window.run(
        f"""import('/static/modal.js').then(({{ openModal }}) => {{
            window.answers = [];
            openModal({json.dumps(FORM)}, async values => {{
                window.sent = values;
                return window.answers.shift() ?? {{ state: 'answered' }};
            }});
        }})"""
    )
    await window.says("Edit this request", "dialog")
    yield window
    assert window.complaints() == []


async def test_what_was_filled_in_is_sent(page: Page, window: Window) -> None:
    assert await window.run("document.activeElement.dataset.field") == "prompt", "what comes first has the focus"
    await window.write(" in the snow")
    await window.press("dialog [data-field=name]")
    await window.write("Reynard")
    await window.choose("dialog [data-id=colour]", "green")
    channel = await window.run("document.querySelector('dialog [data-id=where] option:nth-child(3)').value")
    await window.choose("dialog [data-id=where]", channel)
    await window.press("dialog .samples button", "photo")
    await window.says("photo.png", "dialog .chosen")
    await window.press("dialog label", "Blue")
    await window.press("dialog [type=submit]")
    await window.until("window.sent === undefined", "a shape is required")
    await window.press("dialog [type=radio][value=red]")
    await window.press("dialog [type=submit]")
    sent = await window.until("window.sent", "what is sent")
    [picture] = sent.pop("picture")
    assert picture["file"].isdecimal()
    assert sent == {
        "prompt": "A fox in the snow",
        "name": "Reynard",
        "colour": ["green"],
        "who": [],
        "where": [channel],
        "shape": "red",
        "extras": ["blue"],
        "loop": False,
    }
    await window.until("!document.querySelector('dialog')", "the form is gone")
    assert await window.run("document.activeElement.id") == "write", "the focus is where it was"


async def test_a_file_that_is_pasted_goes_into_the_form_and_not_behind_it(window: Window) -> None:
    await window.run("document.querySelector('dialog [data-field=prompt]').focus()")
    await window.paste(b"a picture", "pasted.png", "image/png")
    await window.says("pasted.png", "dialog .chosen")
    assert "pasted.png" not in await window.text("#compose")
    await window.key("Escape")
    await window.until("!document.querySelector('dialog')", "the form is gone")
    await window.paste(b"a picture", "later.png", "image/png")
    await window.says("later.png", "#compose .chosen")


async def test_a_form_that_fails_stays_and_says_so(window: Window) -> None:
    await window.choose("dialog [data-id=colour]", "red")
    channel = await window.run("document.querySelector('dialog [data-id=where] option:nth-child(2)').value")
    await window.choose("dialog [data-id=where]", channel)
    await window.press("dialog [type=radio][value=red]")
    await window.run("window.answers.push({ state: 'failed' }, { error: 'This form is not open any more.' })")
    await window.press("dialog [type=submit]")
    await window.says("Something went wrong. Try again.", "dialog")
    await window.press("dialog [type=submit]")
    await window.says("This form is not open any more.", "dialog")
    await window.key("Escape")
    await window.until("!document.querySelector('dialog')", "the form is gone")


async def test_a_form_is_sent_once_however_often_submit_is_pressed(window: Window) -> None:
    await window.choose("dialog [data-id=colour]", "red")
    channel = await window.run("document.querySelector('dialog [data-id=where] option:nth-child(2)').value")
    await window.choose("dialog [data-id=where]", channel)
    await window.press("dialog [type=radio][value=red]")
    await window.run("window.answers.push(new Promise(done => { window.done = done; }))")
    sends = "document.querySelector('dialog form').requestSubmit()"
    await window.run(f"{{ {sends}; delete window.sent; {sends}; {sends}; }}")
    assert await window.run("window.sent") is None, "it is on its way"
    await window.run("window.done({ state: 'failed' })")
    await window.says("Something went wrong. Try again.", "dialog")
    await window.press("dialog [type=submit]")
    await window.until("window.sent", "what is sent, since the first failed")
    await window.until("!document.querySelector('dialog')", "the form is gone")


async def test_a_form_has_names_and_fits_on_a_phone(window: Window) -> None:
    await window.shape(320, 640)
    nameless = """[...document.querySelectorAll('dialog :is(input, select, textarea, button, fieldset)')]
        .filter(one => one.getClientRects().length)
        .filter(one => !(one.innerText || one.ariaLabel || one.labels?.length)).map(one => one.outerHTML)"""
    assert await window.run(nameless) == []
    about = await window.run("document.querySelector('[data-field=prompt]').getAttribute('aria-describedby')")
    assert await window.text(f"#{about}") == "What the video shows"
    assert not await window.run("(one => one.scrollWidth > one.clientWidth)(document.querySelector('dialog'))")
    await window.shape(1280, 800)
