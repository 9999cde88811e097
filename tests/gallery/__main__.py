"""Trains the gallery under `watch` and reports how often the doctor is right.

`python tests/gallery` trains every case, `python tests/gallery sigmoid --seeds 3` those with that word, three times.
"""

import argparse
from collections import Counter

import numpy as np
from case import gallery
from judge import diagnose


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", help="only cases with one of these words in their name or cause")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--verbose", action="store_true", help="print the report of every case that is judged wrongly")
    options = parser.parse_args()
    chosen = [case for case in gallery() if any(word in f"{case.name} {case.cause}" for word in options.words or [""])]
    first, third, alarms, broken, healthy, confirmed = 0, 0, 0, 0, 0, 0
    seconds, confusion = [], Counter()
    for case in chosen:
        for seed in range(options.seeds):
            diagnosis, took = diagnose(case, seed)
            seconds.append(took)
            causes = [finding.cause for finding in diagnosis.findings]
            roots = [finding.cause for finding in diagnosis.findings if finding.severity == "root"]
            if case.cause == "healthy":
                healthy += 1
                right = not roots
                alarms += not right
            else:
                broken += 1
                right = causes[:1] == [case.cause]
                first += right
                third += case.cause in causes[:3]
                confirmed += right and diagnosis.findings[0].curves is not None
            if not right:
                confusion[case.cause, (causes or ["nothing"])[0]] += 1
                print(f"{case.name}, seed {seed}: {case.cause} → {', '.join(causes) or 'nothing'}", flush=True)
                if options.verbose:
                    print(diagnosis)
    if broken:
        print(f"broken: top-1 {first / broken:.1%}, top-3 {third / broken:.1%} of {broken}; {confirmed / broken:.1%} "
              "named first and confirmed by a re-run")  # fmt: skip
    if healthy:
        print(f"healthy: {alarms / healthy:.1%} false alarms of {healthy}")
    print(f"seconds a diagnosis: median {np.median(seconds):.1f}, longest {max(seconds):.1f}")
    for (truth, said), count in confusion.most_common():
        print(f"  {count} × {truth} → {said}")


if __name__ == "__main__":
    main()
