"""Renders figures: Vega-Lite specifications in, SVG pictures out. `fleetlab report` calls this.

Reads a JSON list from standard input, one object a figure: "specification" (the path to read),
"picture" (the path to write) and "stamp" (hexadecimal digits that name the specification's content,
written into the picture, so that a picture that lags behind its specification is seen). An object
with "library" (the path to write) asks for the JavaScript that draws figures in a browser. A file
is replaced as a whole or not at all. Exits with 1 when an order cannot be met; the others are.
Needs vl-convert-python.
"""

import json
import os
import re
import sys
import tempfile
from pathlib import Path

import vl_convert

VEGA_LITE = "5.21"
# The version whose compiler fits the Vega that comes with it into a browser.
VEGA_LITE_BROWSER = "6.4"
STAMP = re.compile(r"[0-9a-f]{16,64}")


def replace(path: Path, text: str) -> None:
    """Writes a file under a temporary name and gives it its own only when it is whole."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def render(job: dict[str, str]) -> None:
    """Renders one figure, or writes the library."""
    if "library" in job:
        replace(Path(job["library"]), vl_convert.javascript_bundle(vl_version=VEGA_LITE_BROWSER))
        return
    stamp = job["stamp"]
    if not STAMP.fullmatch(stamp):
        raise ValueError(f"the stamp is {stamp!r}; 16 to 64 hexadecimal digits were expected")
    specification = json.loads(Path(job["specification"]).read_text(encoding="utf-8"))
    svg = vl_convert.vegalite_to_svg(specification, vl_version=VEGA_LITE)
    replace(Path(job["picture"]), f"{svg}\n<!-- fleetlab:specification {stamp} -->\n")


def main() -> int:
    """Renders all figures and names those that failed."""
    failed = 0
    for job in json.load(sys.stdin):
        try:
            render(job)
        except (OSError, ValueError, KeyError) as error:
            failed += 1
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            name = job.get("specification") or "the library"
            print(f"{name}: {reason}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
