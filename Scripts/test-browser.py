"""Clicks through the laboratory's page in headless Chromium. `Scripts/test-browser` calls this.

Checks that nothing is fetched and nothing complains, that the page never scrolls sideways, that
text stands out from its ground in light and dark, that every figure draws, that filters by arm and
by swept key change the marks, and that a pointer on a mark shows its cell and seeds. Then plants
faults into copies of the page, each of which a check must find. Speaks the DevTools protocol over
a pair of pipes. Exits with 1 when a check fails. Standard library only.
"""

import argparse
import base64
import json
import os
import re
import select
import shutil
import signal
import sys
import time
from pathlib import Path

WIDE, NARROW = 1280, 400
PATIENCE_SECONDS = 30


class Browser:
    """A headless Chromium with one tab."""

    def __init__(self, program: str, profile: str) -> None:
        commands, self.commands = os.pipe()
        self.replies, replies = os.pipe()
        arguments = [
            program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--no-first-run", "--hide-scrollbars", "--remote-debugging-pipe",
            f"--user-data-dir={profile}", "about:blank",
        ]
        null = os.open(os.devnull, os.O_RDWR)
        # The pipes get numbers above those that Chromium expects them at before they are moved.
        high = [os.dup2(commands, 103), os.dup2(replies, 104)]
        actions = [(os.POSIX_SPAWN_DUP2, null, 1), (os.POSIX_SPAWN_DUP2, null, 2),
                   (os.POSIX_SPAWN_DUP2, high[0], 3), (os.POSIX_SPAWN_DUP2, high[1], 4)]
        self.process = os.posix_spawn(
            program, arguments, dict(os.environ), file_actions=actions, setpgroup=0)
        for descriptor in (commands, replies, null, *high):
            os.close(descriptor)
        self.buffer = b""
        self.number = 0
        self.session = None
        self.events: list[dict] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self.session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: object) -> dict:
        """Sends a command and waits for its answer; events that come before it are kept."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        while True:
            reply = self.read()
            if reply.get("id") == self.number:
                if "error" in reply:
                    raise RuntimeError(f"{method}: {reply['error']['message']}")
                return reply["result"]
            self.events.append(reply)

    def read(self) -> dict:
        """The next message of the browser."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.replies], [], [], deadline - time.monotonic())
            chunk = os.read(self.replies, 1 << 16) if ready else b""
            if not chunk:
                raise RuntimeError("the browser is silent or gone")
            self.buffer += chunk
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def evaluate(self, expression: str) -> object:
        """The value of an expression in the page; a promise is waited for."""
        result = self.call("Runtime.evaluate", expression=expression, awaitPromise=True,
                           returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(f"{expression[:80]}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def wait(self, condition: str) -> bool:
        """Whether a condition comes true in the page before patience ends."""
        return bool(self.evaluate(f"""new Promise((done) => {{
            const end = performance.now() + {PATIENCE_SECONDS * 500};
            (function look() {{
                if ({condition}) done(true);
                else if (performance.now() > end) done(false);
                else setTimeout(look, 20);
            }})();
        }})"""))

    def open(self, address: str, width: int, scheme: str) -> None:
        """Opens a page at a width in a colour scheme."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900,
                  deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": scheme},
                            {"name": "prefers-reduced-motion", "value": "reduce"}])
        self.call("Page.navigate", url="about:blank")
        self.call("Page.navigate", url=address)
        self.wait(f"document.readyState === 'complete' && location.href === {json.dumps(address)}")

    def mouse(self, kind: str, place: dict, **more: object) -> None:
        """Moves or presses the mouse at a place of the window."""
        self.call("Input.dispatchMouseEvent", type=kind, x=place["x"], y=place["y"], **more)

    def click(self, selector: str) -> None:
        """Clicks the middle of an element."""
        place = self.evaluate(f"""(() => {{
            const element = document.querySelector({json.dumps(selector)});
            element.scrollIntoView({{block: "center"}});
            const box = element.getBoundingClientRect();
            return {{x: box.x + box.width / 2, y: box.y + box.height / 2}};
        }})()""")
        for kind in ("mousePressed", "mouseReleased"):
            self.mouse(kind, place, button="left", clickCount=1)

    def picture(self, path: Path) -> None:
        """Writes a picture of the whole page."""
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 16000),
                "scale": 1}
        data = self.call("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)["data"]
        path.write_bytes(base64.b64decode(data))

    def complaints(self) -> list[str]:
        """What went wrong in the page, and what it fetched from elsewhere."""
        found = []
        for event in self.events:
            method, details = event.get("method"), event.get("params", {})
            if method == "Runtime.exceptionThrown":
                found.append(f"exception: {details['exceptionDetails'].get('exception', {})}")
            elif method == "Runtime.consoleAPICalled" and details["type"] in ("error", "warning"):
                words = [str(word.get("value")) for word in details["args"]]
                found.append(f"console {details['type']}: {' '.join(words)}")
            elif method == "Log.entryAdded" and details["entry"]["level"] == "error":
                found.append(f"log: {details['entry']['text']}")
            elif method == "Network.requestWillBeSent":
                address = details["request"]["url"]
                if not address.startswith(("file:", "data:", "about:")):
                    found.append(f"fetched {address}")
        self.events.clear()
        return found

    def close(self) -> None:
        """Ends the browser and all that it started."""
        try:
            os.killpg(self.process, signal.SIGKILL)
        except ProcessLookupError:
            pass
        os.waitpid(self.process, 0)


# Texts whose contrast with their ground is below what WCAG 2.2 asks for at level AA.
FAINT = """(() => {
  const parse = (text) => {
    const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number);
    return {r, g, b, a};
  };
  const light = ({r, g, b}) => {
    const [x, y, z] = [r, g, b].map((part) => {
      const share = part / 255;
      return share <= .04045 ? share / 12.92 : ((share + .055) / 1.055) ** 2.4;
    });
    return .2126 * x + .7152 * y + .0722 * z;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.a === 1) return colour;
    }
    return {r: 255, g: 255, b: 255, a: 1};
  };
  const faint = new Set();
  for (const element of document.querySelectorAll("body *:not(script):not(svg *)")) {
    const speaks = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!speaks || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const [a, b] = [light(parse(style.color)), light(ground(element))].sort((x, y) => y - x);
    const isLarge = parseFloat(style.fontSize) >= 24;
    const ratio = (a + .05) / (b + .05);
    if (ratio < (isLarge ? 3 : 4.5)) {
      faint.add(`${element.tagName}.${element.className} ${ratio.toFixed(2)}`);
    }
  }
  return [...faint];
})()"""

# Elements that lack what a screen reader needs.
UNNAMED = """[
  ...(document.querySelectorAll("h1").length === 1 ? [] : ["the page has not one h1"]),
  ...(document.documentElement.lang ? [] : ["the page has no language"]),
  ...[...document.querySelectorAll("table:not(:has(> caption))")]
    .filter((table) => !table.closest("#vg-tooltip-element")).map(() => "a table has no caption"),
  ...[...document.querySelectorAll("input, select")].filter((item) => item.labels.length === 0)
    .map((item) => `${item.name} has no label`),
  ...[...document.querySelectorAll("[id]")].map((item) => item.id)
    .filter((id, place, all) => all.indexOf(id) !== place).map((id) => `two have the id ${id}`),
  ...[...document.querySelectorAll("a[href^='#']")].map((link) => link.hash.slice(1))
    .filter((id) => !document.getElementById(id)).map((id) => `no place is called ${id}`),
]"""

# What is planted before the end of the page, and must be found.
FAULTS = {
    "a row that is too wide": '<p style="width: 3000px">wide</p>',
    "a faint text": '<p style="color: #bbb; background: #fff">faint</p>',
    "a picture from elsewhere": '<img alt="far" src="http://127.0.0.1:9/far.png">',
    "a field without a label": '<input name="nameless">',
    "an error of a script": '<script>throw new Error("planted")</script>',
    "deaf buttons": """<script>
      for (const button of document.querySelectorAll(".share")) {
        button.replaceWith(button.cloneNode(true));
      }
    </script>""",
}


class Test:
    """The checks, with what failed."""

    def __init__(self, browser: Browser, address: str, pictures: Path | None) -> None:
        self.browser, self.address, self.pictures = browser, address, pictures
        self.failures: list[str] = []
        self.checks = 0

    def expect(self, holds: object, what: str) -> None:
        """Counts a check and keeps what failed."""
        self.checks += 1
        if not holds:
            self.failures.append(what)

    def run(self) -> None:
        """Runs all checks."""
        for width in (WIDE, NARROW):
            for scheme in ("light", "dark"):
                self.look(width, scheme)
        self.browser.open(self.address, WIDE, "light")
        self.filter_claims()
        figures = self.browser.evaluate(
            "[...document.querySelectorAll('figure[data-figure]')].map((figure) => figure.id)")
        self.expect(figures, "the page has no figure")
        by_arm = [id for id in figures if self.count(f"#{id} input[name=arm]") > 1]
        by_key = [id for id in figures if self.count(f"#{id} select") > 0]
        self.expect(by_arm, "no figure can be filtered by arm")
        self.expect(by_key, "no figure can be filtered by a swept key")
        for figure in by_arm[:1]:
            self.filter_arm(figure)
            self.hover(figure)
        for figure in by_key[:2]:
            self.filter_key(figure)
        self.quiet("clicking")

    def plant(self, page: Path, folder: Path) -> None:
        """Checks that each planted fault is found."""
        text = page.read_text()
        for name, fault in FAULTS.items():
            copy = folder / "planted.html"
            copy.write_text(text.replace("</body>", f"{fault}</body>"))
            sick = Test(self.browser, copy.resolve().as_uri(), None)
            self.browser.open(sick.address, NARROW, "light")
            sick.survey(name)
            sick.filter_claims()
            self.expect(sick.failures, f"{name} was planted and not found")

    def count(self, selector: str) -> int:
        """How many elements there are."""
        return int(self.browser.evaluate(
            f"document.querySelectorAll({json.dumps(selector)}).length"))

    def quiet(self, when: str) -> None:
        """Checks that nothing complained."""
        for complaint in self.browser.complaints():
            self.expect(False, f"{when}: {complaint}")

    def look(self, width: int, scheme: str) -> None:
        """Opens the page, draws all figures, and looks at it as a whole."""
        name = f"{width} pixels, {scheme}"
        self.browser.open(self.address, width, scheme)
        for figure in self.browser.evaluate(
                "[...document.querySelectorAll('figure[data-figure]')].map((item) => item.id)"):
            self.draw(figure, name)
        self.survey(name)
        if self.pictures:
            self.browser.evaluate("scrollTo(0, 0)")
            self.browser.picture(self.pictures / f"{width}-{scheme}.png")

    def survey(self, name: str) -> None:
        """Looks at the open page as a whole."""
        self.browser.evaluate(
            "document.querySelectorAll('details').forEach((item) => item.open = true)")
        overflow = self.browser.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth")
        self.expect(overflow == 0, f"{name}: the page is {overflow} pixels too wide")
        for problem in self.browser.evaluate(FAINT):
            self.expect(False, f"{name}: too faint: {problem}")
        for problem in self.browser.evaluate(UNNAMED):
            self.expect(False, f"{name}: {problem}")
        self.checks += 2
        self.quiet(name)

    def draw(self, figure: str, name: str) -> None:
        """Scrolls to a figure and waits until it is drawn."""
        self.browser.evaluate(f"document.getElementById('{figure}').scrollIntoView()")
        drawn = self.browser.wait(
            f"Number(document.getElementById('{figure}').dataset.drawn) > 0"
            f" && document.querySelector('#{figure} .plot svg')")
        self.expect(drawn, f"{name}: {figure} is not drawn")

    def marks(self, figure: str) -> int:
        """How many marks a figure shows."""
        return len(self.places(figure))

    def places(self, figure: str) -> list[dict]:
        """Where the marks of a figure stand in the window."""
        return self.browser.evaluate(f"""(() => {{
            const marks = document.querySelectorAll(
                "#{figure} .mark-symbol path[aria-roledescription], #{figure} .mark-rect path");
            return [...marks].map((mark) => mark.getBoundingClientRect())
              .map((box) => ({{x: box.x + box.width / 2, y: box.y + box.height / 2}}));
        }})()""")

    def changes(self, figure: str, before: str) -> bool:
        """Waits until the number of drawn marks is no longer what it was."""
        return self.browser.wait(
            f"document.getElementById('{figure}').dataset.drawn !== {json.dumps(before)}")

    def drawn(self, figure: str) -> str:
        """How many cells, arms or curves the figure says that it draws."""
        return str(self.browser.evaluate(f"document.getElementById('{figure}').dataset.drawn"))

    def filter_claims(self) -> None:
        """A verdict's button shows its claims alone, and all of them when pressed again."""
        rows = "[...document.querySelectorAll('table.claims tbody tr')].filter((r) => !r.hidden)"
        before = self.browser.evaluate(f"{rows}.length")
        self.browser.click(".share")
        label = self.browser.evaluate("document.querySelector('.share').dataset.verdict")
        shown = self.browser.evaluate(f"{rows}.map((row) => row.dataset.label)")
        self.expect(shown and set(shown) == {label}, f"the button of {label} shows {set(shown)}")
        self.browser.click(".share")
        after = self.browser.evaluate(f"{rows}.length")
        self.expect(after == before, f"{before} claims became {after} by pressing twice")

    def filter_arm(self, figure: str) -> None:
        """Taking an arm away takes its marks away, and no others."""
        self.draw(figure, "filter by arm")
        marks, drawn = self.marks(figure), self.drawn(figure)
        self.browser.click(f"#{figure} input[name=arm]")
        self.expect(self.changes(figure, drawn), f"{figure}: an arm less draws as much")
        fewer = self.marks(figure)
        self.expect(0 < fewer < marks, f"{figure}: {marks} marks became {fewer} without an arm")
        said = self.browser.evaluate(f"document.querySelector('#{figure} output').textContent")
        self.expect("of" in said, f"{figure}: it does not say how much is shown, but {said!r}")
        less = self.drawn(figure)
        self.browser.click(f"#{figure} input[name=arm]")
        self.expect(self.changes(figure, less), f"{figure}: the arm does not come back")
        self.expect(self.marks(figure) == marks, f"{figure}: not all marks come back")

    def filter_key(self, figure: str) -> None:
        """Choosing a value of a swept key leaves only its marks."""
        self.draw(figure, "filter by key")
        drawn = self.drawn(figure)
        self.browser.evaluate(f"""(() => {{
            const choice = document.querySelector("#{figure} select");
            choice.selectedIndex = 1;
            choice.dispatchEvent(new Event("change", {{bubbles: true}}));
        }})()""")
        self.expect(self.changes(figure, drawn), f"{figure}: a chosen value draws as much")
        less = self.drawn(figure)
        self.expect(int(less) < int(drawn), f"{figure}: {drawn} became {less} by a chosen value")

    def hover(self, figure: str) -> None:
        """A pointer on a mark shows arm, cell and seeds."""
        self.browser.evaluate(
            f"document.querySelector('#{figure} .plot').scrollIntoView({{block: 'center'}})")
        places = self.places(figure)
        self.expect(places, f"{figure}: there is no mark to point at")
        for place in places[:1]:
            self.browser.mouse("mouseMoved", {"x": place["x"] - 40, "y": place["y"] - 40})
            self.browser.mouse("mouseMoved", place)
        tip = "document.getElementById('vg-tooltip-element')"
        seen = self.browser.wait(f"{tip}?.classList.contains('visible')")
        self.expect(seen, f"{figure}: a pointer on a mark shows nothing")
        text = str(self.browser.evaluate(f"{tip}?.innerText ?? ''"))
        for word, pattern in (("arm", r"arm\s+\S"), ("cell", r"cell\s+[0-9a-f]{16}"),
                              ("seed", r"seeds\s+[0-9a-f]{16}")):
            self.expect(re.search(pattern, text), f"{figure}: no {word} in {text!r}")
        if self.pictures:
            data = self.browser.call("Page.captureScreenshot")["data"]
            (self.pictures / "hover.png").write_bytes(base64.b64decode(data))


def main() -> int:
    """Runs the test and says what failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("page", type=Path)
    parser.add_argument("--profile", required=True, help="a folder for the browser's own files")
    parser.add_argument("--pictures", type=Path, help="a folder for pictures of the page")
    options = parser.parse_args()
    program = shutil.which("chromium")
    if program is None:
        print("error: no chromium on the PATH; expected Debian's package; install it",
              file=sys.stderr)
        return 1
    if options.pictures:
        options.pictures.mkdir(parents=True, exist_ok=True)
    browser = Browser(program, options.profile)
    try:
        test = Test(browser, options.page.resolve().as_uri(), options.pictures)
        test.run()
        test.plant(options.page, Path(options.profile))
    finally:
        browser.close()
    for failure in test.failures:
        print(f"error: {failure}", file=sys.stderr)
    print(f"{test.checks} checks of the page, {len(test.failures)} failed")
    return 1 if test.failures else 0


if __name__ == "__main__":
    sys.exit(main())
