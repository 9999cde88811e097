"""Prints the ledger: `python -m helpers.claims`, or `python -m helpers.claims --json`."""

import argparse
import json
from collections.abc import Sequence

from helpers.claims import CLAIMS, figures, headline, ledger
from helpers.scores import Difference


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the verdicts that the notebooks store, and the claims that have none."""
    parser = argparse.ArgumentParser(
        prog="python -m helpers.claims", description="The verdicts stored in the notebooks."
    )
    parser.add_argument("--json", action="store_true", help="print them as JSON")
    options = parser.parse_args(arguments)
    verdicts = ledger()
    missing = [id for id in CLAIMS if id not in verdicts]
    if options.json:
        print(json.dumps({"headline": headline(verdicts), "verdicts": verdicts, "without_verdict": missing}, indent=2))
        return
    print(headline(verdicts))
    for id, verdict in verdicts.items():
        print(f"\n{id}: {verdict['verdict']}  ({verdict['lesson']})\n  said: {verdict['said']}")
        for row in verdict["evidence"]:
            outcome = row.pop("outcome")
            evidence = Difference(**row)
            when = f" [{evidence.when}]" if evidence.when else ""
            print(f"  {outcome:11} {evidence.what} on {evidence.task}{when}: {figures(evidence)}")
    print("\nwithout a verdict yet: " + (", ".join(missing) or "none"))


if __name__ == "__main__":
    main()
