"""The notebooks under strict nbval, as on other processors and with other numbers of threads.

`python tests/portability.py` runs every configuration, `python tests/portability.py sse4-1` the one named. Each sets
the switches of PyTorch, MKL, oneDNN, OpenBLAS and NumPy, and first asks PyTorch whether they took effect.
"""

import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

ROOT = Path(__file__).resolve().parents[1]

NUMPY_CAN_DROP = [feature for feature in __cpu_dispatch__ if __cpu_features__[feature]]
NUMPY_AVX512 = [feature for feature in NUMPY_CAN_DROP if feature.startswith(("AVX512", "X86_V4"))]

INSTRUCTIONS = {
    "native": {},
    "avx2": {
        "ATEN_CPU_CAPABILITY": "avx2",
        "MKL_ENABLE_INSTRUCTIONS": "AVX2",
        "ONEDNN_MAX_CPU_ISA": "AVX2",
        "OPENBLAS_CORETYPE": "Haswell",
        "NPY_DISABLE_CPU_FEATURES": " ".join(NUMPY_AVX512),
    },
    "sse4": {
        "ATEN_CPU_CAPABILITY": "default",
        "MKL_ENABLE_INSTRUCTIONS": "SSE4_2",
        "ONEDNN_MAX_CPU_ISA": "SSE41",
        "OPENBLAS_CORETYPE": "Nehalem",
        "NPY_DISABLE_CPU_FEATURES": " ".join(NUMPY_CAN_DROP),
    },
}
CONFIGURATIONS = {f"{name}-{threads}": (name, threads) for name in INSTRUCTIONS for threads in (1, 2)}

PROBE = """
import json, numpy, scipy.linalg, torch
from threadpoolctl import threadpool_info
blas = {library["architecture"] for library in threadpool_info() if "architecture" in library}
print(json.dumps({
    "torch": torch.backends.cpu.get_cpu_capability(), "threads": torch.get_num_threads(), "openblas": sorted(blas)
}))
"""


def environment(instructions: str, threads: int) -> dict[str, str]:
    counts = {f"{library}_NUM_THREADS": str(threads) for library in ("OMP", "MKL", "OPENBLAS")}
    return os.environ | INSTRUCTIONS[instructions] | counts


def refusal(report: dict, instructions: str, threads: int) -> str:
    """Why the switches did not take effect, or nothing."""
    wanted = INSTRUCTIONS[instructions].get("ATEN_CPU_CAPABILITY", report["torch"]).upper()
    if report["torch"] != wanted:
        return f"PyTorch should report {wanted}"
    if report["threads"] != threads:
        return f"PyTorch should report {threads} threads"
    return ""


def run(name: str) -> bool:
    instructions, threads = CONFIGURATIONS[name]
    env = environment(instructions, threads)
    started = time.monotonic()
    probe = subprocess.run([sys.executable, "-c", PROBE], env=env, capture_output=True, text=True, check=False)
    problem = probe.stderr
    report = json.loads(probe.stdout) if not problem else {}
    problem = problem or refusal(report, instructions, threads)
    if not problem:
        command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile", "--nbval", "notebooks/"]
        check = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
        problem = check.stdout + check.stderr if check.returncode else ""
    verdict = "failed" if problem else "passed"
    print(f"{name:9} {verdict} in {time.monotonic() - started:4.0f} s  {report}", problem, sep="\n" if problem else "")
    return not problem


def main() -> int | str:
    names = sys.argv[1:] or list(CONFIGURATIONS)
    if unknown := set(names) - set(CONFIGURATIONS):
        return f"no configuration {', '.join(sorted(unknown))}: choose from {', '.join(CONFIGURATIONS)}"
    if platform.machine().lower() not in ("x86_64", "amd64"):
        print("The instruction sets of x86 processors cannot be tried on this one; trying the numbers of threads.")
        names = [name for name in names if name.startswith("native")]
    return 0 if all([run(name) for name in names]) else 1


if __name__ == "__main__":
    sys.exit(main())
