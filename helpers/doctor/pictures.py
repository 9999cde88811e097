"""The report's pictures: drawn as SVG by hand, small, without scripts, readable on light and on dark ground."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, inf, isfinite, log10

WIDTH = 640
_LEFT, _RIGHT, _TOP, _PLOT = 46, 200, 30, 150  # pixels: for the scale, for the names of lines, for the title, the plot
_POINTS = 160  # at most, of a line
_LARGEST = 1e300  # what is larger is drawn like what is no number, so that sums and differences stay finite
IDLE = "the same answer for every row"
STYLE = """
.doctor {--doctor-a: #D55E00; --doctor-b: #0072B2; --doctor-line: #8886}
body[data-jp-theme-light="false"] .doctor, body.vscode-dark .doctor {--doctor-a: #E69F00; --doctor-b: #56B4E9}
.doctor svg {display: block; max-width: 100%; height: auto; margin: 6px 0 2px; color: inherit;
  font-size: 12px; font-family: inherit}
.doctor svg text {fill: currentColor}
.doctor svg .quiet {opacity: .75}
.doctor svg .grid {stroke: var(--doctor-line, #8886); stroke-width: 1; fill: none}
.doctor svg .line {fill: none; stroke-width: 2; stroke-linejoin: round}
.doctor svg .idle {stroke: currentColor; stroke-width: 1.5; stroke-dasharray: 5 4; opacity: .75; fill: none}
.doctor svg .a {stroke: var(--doctor-a, #D55E00)}
.doctor svg .b {stroke: var(--doctor-b, #0072B2)}
.doctor svg text.a {stroke: none; fill: var(--doctor-a, #D55E00); font-weight: 600}
.doctor svg text.b {stroke: none; fill: var(--doctor-b, #0072B2); font-weight: 600}
.doctor svg rect.b {stroke: none; fill: var(--doctor-b, #0072B2)}
"""


@dataclass(frozen=True)
class Line:
    """A value by step. kind: "a" for what is wrong, "b" for what is right."""

    name: str
    values: Sequence[float]
    kind: str


@dataclass(frozen=True)
class _Scale:
    """Where a value stands between bottom and top, from 0 to 1."""

    low: float
    high: float
    log: bool

    @classmethod
    def over(cls, values: Sequence[float]) -> "_Scale":
        """Return a scale that holds these finite values, logarithmic if they span more than a factor of 100."""
        low, high = min(values), max(values)
        if low > 0 and log10(high) - log10(low) > 2:
            margin = 0.05 * (log10(high) - log10(low))
            return cls(log10(low) - margin, log10(high) + margin, True)
        low = 0.0 if low >= 0 else low
        margin = 0.06 * (high - low) or 1.0
        return cls(low - (margin if low < 0 else 0), high + margin, False)

    def at(self, value: float) -> float:
        """Return the share of the way from low to high."""
        return ((log10(value) if self.log else value) - self.low) / (self.high - self.low)

    def ticks(self) -> list[float]:
        """Return three to six round values."""
        if self.log:
            powers = range(ceil(self.low), floor(self.high) + 1)
            every = ceil(len(powers) / 5)
            return [10.0**power for power in powers if power % every == 0]
        size = 10 ** floor(log10((self.high - self.low) / 3))
        step = next(size * times for times in (5, 2, 1) if size * times <= (self.high - self.low) / 3)
        return [number * step for number in range(ceil(self.low / step), floor(self.high / step + 1e-9) + 1)]


def curves(lines: Sequence[Line], idle: float, unit: str) -> str:
    """Draw lines by step, lightly smoothed, and what the best answer that is the same for every row comes to.

    What is no number is left out, and the line's name says from which step on. Nothing is drawn without any number.
    """
    smooth = [(line, _smoothed(line.values)) for line in lines]
    shown = [value for _, points in smooth for _, value in points if isfinite(value)]
    if not shown:
        return ""
    highest = _usual(shown)
    cut = f", cut off: up to {number(max(shown))}" if max(shown) > highest else ""
    scale = _Scale.over([*(min(value, highest) for value in shown), *([idle] if isfinite(idle) else [])])
    last = max(2, *(len(line.values) for line in lines))
    across = WIDTH - _LEFT - _RIGHT

    def x(step: float) -> float:
        return _LEFT + across * (step - 1) / (last - 1)

    def y(value: float) -> float:
        return _TOP + _PLOT * (1 - min(1.0, scale.at(value)))

    parts = [f'<text x="0" y="14">{unit}{cut}{", logarithmic scale" if scale.log else ""}</text>']
    for tick in scale.ticks():
        parts.append(f'<path class="grid" d="M{_LEFT} {y(tick):.1f}h{across}"/>')
        parts.append(
            f'<text class="quiet" x="{_LEFT - 6}" y="{y(tick) + 4:.1f}" text-anchor="end">{_tick(tick)}</text>'
        )
    bottom = _TOP + _PLOT
    for step in dict.fromkeys((1.0, *_Scale(1, last, False).ticks())):
        if 1 <= step <= last and step == int(step) and (step == 1 or x(step) - x(1) > 24):
            parts.append(
                f'<text class="quiet" x="{x(step):.1f}" y="{bottom + 16}" text-anchor="middle">{step:.0f}</text>'
            )
    parts.append(f'<text x="{_LEFT + across / 2}" y="{bottom + 33}" text-anchor="middle">training step</text>')
    names = []
    if isfinite(idle) and 0 <= scale.at(idle) <= 1:
        parts.append(f'<path class="idle" d="M{_LEFT} {y(idle):.1f}h{across}"/>')
        names.append((y(idle), "quiet", [IDLE]))
    for line, points in smooth:
        parts.append(f'<path class="line {line.kind}" d="{_path(points, x, y)}"/>')
        finite = [(step, value) for step, value in points if isfinite(value)]
        broken = next((number for number, value in enumerate(line.values, 1) if not isfinite(value)), None)
        if finite:
            text = [line.name] + ([f"no number from step {broken}"] if broken else [])
            names.append((y(finite[-1][1]), line.kind, text))
            if broken:
                step, value = finite[-1]
                parts.append(
                    f'<path class="line {line.kind}" d="M{x(step) - 4:.1f} {y(value) - 4:.1f}l8 8m0 -8l-8 8"/>'
                )
    parts += _named(names, WIDTH - _RIGHT + 8)
    return _svg(parts, bottom + 40, "; ".join(_words(line) for line in lines))


def bars(measured: Mapping[str, float]) -> str:
    """Draw numbers to be compared as labelled bars; as points on a logarithmic scale if they span a factor of 100."""
    if not measured:
        return ""
    finite = [value for value in measured.values() if abs(value) < _LARGEST]
    scale = _Scale.over(finite or [0.0])
    scale = scale if scale.log else _Scale.over([*finite, 0.0])
    longest = max(map(len, measured))
    left = min(330, max(80, 7 * longest + 12))
    across, kept = WIDTH - left - 90, (left - 12) // 7
    zero = left + (0 if scale.log else across * scale.at(0.0))
    parts = [f'<path class="grid" d="M{zero:.1f} 4v{24 * len(measured)}"/>']
    for row, (name, value) in enumerate(measured.items()):
        middle = 16 + 24 * row
        label = name if len(name) <= kept else name[: kept - 1] + "…"
        parts.append(f'<text x="{left - 8}" y="{middle + 4}" text-anchor="end">{escape(label)}</text>')
        end = left + across * scale.at(value) if abs(value) < _LARGEST else zero
        if abs(value) < _LARGEST and scale.log:
            parts.append(f'<path class="grid" d="M{zero:.1f} {middle}H{end:.1f}"/>')
            parts.append(f'<rect class="b" x="{end - 4:.1f}" y="{middle - 4}" width="8" height="8" rx="4"/>')
        elif abs(value) < _LARGEST:
            width = max(1.0, abs(end - zero))
            parts.append(
                f'<rect class="b" x="{min(zero, end):.1f}" y="{middle - 8}" width="{width:.1f}" height="16" rx="2"/>'
            )
        said = number(value)
        parts.append(f'<text x="{max(end, zero) + 8:.1f}" y="{middle + 4}" font-weight="600">{said}</text>')
    height = 8 + 24 * len(measured)
    if scale.log and finite:
        parts.append(f'<text class="quiet" x="{left}" y="{height + 12}">logarithmic scale</text>')
        height += 18
    return _svg(parts, height, "; ".join(f"{name}: {number(value)}" for name, value in measured.items()))


def number(value: float) -> str:
    """Return a number in three digits, or the word for what is none."""
    if isfinite(value):
        return f"{value:,.0f}" if 1000 <= abs(value) < 1e7 else f"{value:.3g}"
    return "infinite" if value in (inf, -inf) else "no number"


def _tick(value: float) -> str:
    power = log10(value) if value > 0 else 0.0
    if abs(power) > 4 and power == round(power):
        return "10" + str(round(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{value:.6g}"


def _usual(values: Sequence[float]) -> float:
    """Return the largest value, or, if a few far above the others would squeeze these, twice the largest of these."""
    ranked = sorted(values)
    most = ranked[int(0.95 * (len(ranked) - 1))]
    return most * 2 if ranked[-1] > 20 * most > 0 else ranked[-1]


def _smoothed(values: Sequence[float]) -> list[tuple[float, float]]:
    """Return step and mean loss of the steps around, for some of the steps; what is no number keeps its place."""
    values = [value if abs(value) < _LARGEST else inf for value in values]
    half = len(values) // 100
    every = max(1, len(values) // _POINTS)
    points = []
    for place in sorted({*range(0, len(values), every), len(values) - 1} if values else set()):
        around = values[max(0, place - half) : place + half + 1] if isfinite(values[place]) else ()
        numbers = [value for value in around if isfinite(value)]
        points.append((place + 1.0, sum(value / len(numbers) for value in numbers) if numbers else inf))
    return points


def _path(points: list[tuple[float, float]], x: Callable[[float], float], y: Callable[[float], float]) -> str:
    parts, pen = [], "M"
    for step, value in points:
        if isfinite(value):
            parts.append(f"{pen}{x(step):.1f} {y(value):.1f}")
            pen = "L"
        else:
            pen = "M"
    if len(parts) == 1:
        parts.append("h2")
    return "".join(parts)


def _named(names: list[tuple[float, str, list[str]]], x: int) -> list[str]:
    """Write names beside the ends of their lines, none over another."""
    parts, free = [], 10.0
    names = sorted(names, key=lambda name: name[0])
    needed = sum(15 * len(text) for _, _, text in names)
    for height, kind, text in names:
        start = max(free, min(height, _TOP + _PLOT + 12 - needed + 4))
        for row, words in enumerate(text):
            parts.append(f'<text class="{kind}" x="{x}" y="{start + 4 + 15 * row:.1f}">{escape(words)}</text>')
        free = start + 15 * len(text)
        needed -= 15 * len(text)
    return parts


def _words(line: Line) -> str:
    numbers = [value for value in line.values if isfinite(value)]
    return f"{line.name}: {number(numbers[0])} → {number(numbers[-1])}" if numbers else line.name


def _svg(parts: list[str], height: float, words: str) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" height="{height:.0f}" role="img" '
        f'aria-label="{escape(words)}">{"".join(parts)}</svg>'
    )
