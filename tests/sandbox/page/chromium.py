"""Headless Chromium, driven over its DevTools protocol: as much of it as looking at a page and using it takes.

The protocol: https://chromedevtools.github.io/devtools-protocol/ (domains Target, Page, Runtime, Input, DOM,
Emulation). Why not a library: docs/decisions/0029. Keys and the mouse are the browser's own input, not events that
a script makes, so that what a test presses is what a person could press.
"""

import asyncio
import base64
import itertools
import json
import shutil
import tempfile
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final

import aiohttp

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS: Final = (
    "--headless",
    "--no-sandbox",  # of the browser's: in a container there is none to be had; it only sees loopback
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--autoplay-policy=no-user-gesture-required",
    "--remote-debugging-port=0",
)
PATIENCE: Final = 15.0  # seconds for anything that is waited for
KEYS: Final = {
    "Enter": ("\r", 13),
    "Escape": ("", 27),
    "Tab": ("", 9),
    "ArrowDown": ("", 40),
    "ArrowUp": ("", 38),
    "/": ("/", 191),
}


MISSING: Final = "NO CHROMIUM: the page was not seen. On Debian and Ubuntu: apt install chromium"


def binary() -> str | None:
    """Where Chromium is; None where there is none."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class NotSeen(AssertionError):
    """What was waited for did not come."""


class Chromium:
    """One browser with a profile of its own. Open it with `chromium()`."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.heard: list[dict[str, Any]] = []
        """Every event, as it came."""

    async def listen(self) -> None:
        """Take what the browser says until it ends."""
        async for frame in self._socket:
            told: dict[str, Any] = json.loads(frame.data)
            waiting = self._waiting.pop(told.get("id", 0), None)
            if waiting is None:
                self.heard.append(told)
            elif not waiting.done():
                waiting.set_result(told)

    async def call(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        """One command of the protocol; its result. AssertionError when the browser refuses it."""
        number = next(self._numbers)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        about = {"sessionId": session} if session else {}
        await self._socket.send_json({"id": number, "method": method, "params": parameters, **about})
        async with asyncio.timeout(PATIENCE):
            told = await answer
        assert "error" not in told, f"{method}: {told['error']}"
        return told["result"]

    async def window(self, address: str, *, width: int = 1280, height: int = 800, dark: bool = True) -> "Window":
        """A new window, with storage of its own, at `address`."""
        context = (await self.call("Target.createBrowserContext"))["browserContextId"]
        target = (await self.call("Target.createTarget", url="about:blank", browserContextId=context))["targetId"]
        session = (await self.call("Target.attachToTarget", targetId=target, flatten=True))["sessionId"]
        window = Window(self, session)
        for domain in ("Page", "Runtime", "Network", "Log"):
            await window.call(f"{domain}.enable")
        await window.shape(width, height, dark=dark)
        await window.call("Page.navigate", url=address)
        return window


class Window:
    """One page, as somebody looks at it and uses it."""

    def __init__(self, browser: Chromium, session: str) -> None:
        self._browser = browser
        self._session = session

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command of the protocol for this page."""
        return await self._browser.call(method, self._session, **parameters)

    async def shape(self, width: int, height: int, *, dark: bool = True) -> None:
        """Let the window have this size in pixels, and the system this preference."""
        phone = width < 600
        await self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.call("Emulation.setEmulatedMedia", features=[scheme])

    async def run(self, script: str) -> Any:
        """The value of an expression in the page, a promise's when it is one."""
        told = await self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    async def until(self, script: str, what: str = "", timeout: float = PATIENCE) -> Any:
        """The value of an expression once it is true; NotSeen, with what the page shows, when it never is."""
        loop = asyncio.get_running_loop()
        end = loop.time() + timeout
        while not (value := await self.run(script)):
            if loop.time() > end:
                raise NotSeen(f"{what or script}: not within {timeout:g} s. The page:\n{await self.text()}")
            await asyncio.sleep(0.05)
        return value

    async def text(self, selector: str = "body") -> str:
        """What a part of the page says."""
        return str(await self.run(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''"))

    async def says(self, text: str, selector: str = "body", timeout: float = PATIENCE) -> None:
        """Wait until a part of the page says `text`."""
        asked = f"(document.querySelector({json.dumps(selector)})?.innerText ?? '').includes({json.dumps(text)})"
        await self.until(asked, f"{text!r} in {selector}", timeout)

    async def press(self, selector: str, text: str = "") -> None:
        """Press, with the mouse, the last visible element of `selector` whose text or label has `text`."""
        place = await self.until(
            f"""(async () => {{
                const seen = one => one.getClientRects().length && getComputedStyle(one).visibility === 'visible';
                const says = one => one.innerText + ' ' + (one.ariaLabel ?? '');
                const found = [...document.querySelectorAll({json.dumps(selector)})]
                    .filter(one => !one.disabled && seen(one) && says(one).includes({json.dumps(text)}));
                const one = found.at(-1);
                if (!one) return null;
                one.scrollIntoView({{block: 'center', behavior: 'instant'}});
                const before = one.getBoundingClientRect();
                await new Promise(done => setTimeout(done, 30));
                const box = one.getBoundingClientRect();
                if (box.x !== before.x || box.y !== before.y) return null; // it moves still
                return [box.x + box.width / 2, box.y + box.height / 2];
            }})()""",
            f"something to press: {selector} {text}",
        )
        for kind in ("mousePressed", "mouseReleased"):
            x, y = place
            await self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    async def write(self, text: str) -> None:
        """Type into what has the focus."""
        await self.call("Input.insertText", text=text)

    async def key(self, name: str, *, shift: bool = False) -> None:
        """Press a key: one of KEYS."""
        text, code = KEYS[name]
        about: dict[str, Any] = {"key": name, "code": name, "windowsVirtualKeyCode": code, "modifiers": 8 * shift}
        down: dict[str, Any] = {"text": text} if text else {}
        await self.call("Input.dispatchKeyEvent", type="keyDown", **about, **down)
        await self.call("Input.dispatchKeyEvent", type="keyUp", **about)

    async def choose(self, selector: str, value: str) -> None:
        """Choose from a native menu, whose list Chromium draws outside of the page."""
        await self.until(
            f"""(() => {{
                const list = [...document.querySelectorAll({json.dumps(selector)})].at(-1);
                if (![...(list?.options ?? [])].some(one => one.value === {json.dumps(value)})) return false;
                list.focus();
                list.value = {json.dumps(value)};
                list.dispatchEvent(new Event('change', {{bubbles: true}}));
                return true;
            }})()""",
            f"{value} in {selector}",
        )

    async def attach(self, selector: str, *files: Path) -> None:
        """Choose files from the disk in a file field, as the browser's own dialog does."""
        root = (await self.call("DOM.getDocument"))["root"]["nodeId"]
        node = (await self.call("DOM.querySelector", nodeId=root, selector=selector))["nodeId"]
        assert node, f"no file field {selector}"
        await self.call("DOM.setFileInputFiles", nodeId=node, files=[str(file) for file in files])

    async def drop(self, selector: str, *files: Path) -> None:
        """Drag files from the disk over an element, and let them go there."""
        box = f"document.querySelector({json.dumps(selector)})?.getBoundingClientRect()"
        x, y = await self.until(f"(box => box && [box.x + box.width / 2, box.y + box.height / 2])({box})", selector)
        data = {"items": [], "files": [str(file) for file in files], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            await self.call("Input.dispatchDragEvent", type=kind, x=x, y=y, data=data)

    async def paste(self, data: bytes, name: str, kind: str) -> None:
        """Paste a file. The clipboard itself is the system's, so the event is made by a script."""
        written = base64.b64encode(data).decode()
        await self.run(
            f"""(() => {{
                const bytes = Uint8Array.from(atob({json.dumps(written)}), one => one.charCodeAt(0));
                const clipboardData = new DataTransfer();
                clipboardData.items.add(new File([bytes], {json.dumps(name)}, {{type: {json.dumps(kind)}}}));
                document.activeElement.dispatchEvent(
                    new ClipboardEvent('paste', {{clipboardData, bubbles: true, cancelable: true}}));
            }})()"""
        )

    async def picture(self, path: Path) -> None:
        """Write what is seen to a PNG."""
        shot = await self.call("Page.captureScreenshot", format="png")
        await asyncio.to_thread(path.write_bytes, base64.b64decode(shot["data"]))

    def events(self, method: str) -> list[dict[str, Any]]:
        """The parameters of every event of this kind so far."""
        mine = (told for told in self._browser.heard if told.get("sessionId") == self._session)
        return [told["params"] for told in mine if told["method"] == method]

    def complaints(self) -> list[str]:
        """What the browser itself objected to: errors of scripts, refused loads, breaches of the policy."""
        thrown = [str(each["exceptionDetails"]) for each in self.events("Runtime.exceptionThrown")]
        logged = [each["entry"] for each in self.events("Log.entryAdded")]
        return thrown + [f"{entry['text']} {entry.get('url', '')}" for entry in logged if entry["level"] == "error"]

    def asked(self) -> list[str]:
        """Every address that the page asked for."""
        return [each["request"]["url"] for each in self.events("Network.requestWillBeSent")] + [
            each["url"] for each in self.events("Network.webSocketCreated")
        ]


@asynccontextmanager
async def chromium() -> AsyncGenerator[Chromium]:
    """A browser, gone at the end with everything that it wrote."""
    found = binary()
    assert found is not None, "there is no Chromium"
    with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as profile:
        process = await asyncio.create_subprocess_exec(
            found,
            *FLAGS,
            f"--user-data-dir={profile}",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            address = await _address(Path(profile) / "DevToolsActivePort")
            async with aiohttp.ClientSession() as http, http.ws_connect(address, max_msg_size=1 << 27) as socket:
                browser = Chromium(socket)
                listening = asyncio.create_task(browser.listen())
                try:
                    yield browser
                finally:
                    with suppress(AssertionError, TimeoutError, ConnectionError):
                        await browser.call("Browser.close")
                    listening.cancel()
        finally:
            with suppress(ProcessLookupError):
                process.terminate()
            await process.wait()


async def _address(file: Path) -> str:
    """Where the browser listens: it says so in a file of its profile once it does."""

    async def said(found: Callable[[], list[str]]) -> str:
        while len(lines := found()) < 2:
            await asyncio.sleep(0.05)
        return f"ws://127.0.0.1:{lines[0]}{lines[1]}"

    async with asyncio.timeout(PATIENCE * 2):
        return await said(lambda: file.read_text().splitlines() if file.exists() else [])
