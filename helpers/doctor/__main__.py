"""`python -m helpers.doctor SCRIPT [arguments] [--json]` runs a script as `python SCRIPT` would and says what is wrong.

It exits with 0 if nothing is wrong, 1 with findings, 2 if there was nothing to diagnose. With --json it prints
{"healthy": ..., "findings": [...], "ruled_out": [...], "untested": [...]}.
"""

import runpy
import sys
import traceback
from pathlib import Path

from helpers.doctor import watch
from helpers.doctor.report import as_json, text


def main(arguments: list[str]) -> int:
    """Run the script under watch, print the diagnosis, and return the exit status."""
    for_machines = "--json" in arguments
    arguments = [argument for argument in arguments if argument != "--json"]
    if not arguments or not Path(arguments[0]).is_file():
        print(f"expected a Python script; {__doc__}", file=sys.stderr)
        return 2
    sys.argv = arguments
    sys.path.insert(0, str(Path(arguments[0]).resolve().parent))
    seen = watch()
    try:
        with seen:
            runpy.run_path(arguments[0], run_name="__main__")
    except SystemExit:
        pass
    except Exception:
        traceback.print_exc()
    diagnosis = seen.diagnose()
    print(as_json(diagnosis) if for_machines else text(diagnosis))
    if not seen.records[0].backwards and not diagnosis.findings:
        return 2
    return 0 if diagnosis.healthy else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
