"""What was found as a page: ratios first, then each scenario with what its figures mean."""

from __future__ import annotations

from typing import Any, Optional

Found = dict[str, Any]
BUSY = 0.5
"""A load before a scenario from which the page says that the machine was not quiet."""
HEAD = """# Performance

Made by `reframe bench`; do not edit by hand. This product (`reframe serve` on SQLite) beside a reference of stock parts: the pipeline and policies that
`rasa init` of the same Rasa gives, trained on our domain and data, with Rasa's REST channel and action server. Both on one machine, in one run, in turn.
**Ratios mean more than seconds:** how many times better the product is (below 1: worse).
"""
LIMITS = """
## Limits

- What writes the messages runs on the same machine and takes time from both sides; the product, which answers more in a second, loses more by it.
- The reference is trained for 10 epochs instead of 100, so that it recognises beliefs less surely. Where it recognises nothing it calls no action and is
  quicker for that; under "A turn" it says how many of its turns were reframes.
- The reference keeps its conversations in memory, as `rasa init` sets it up, and stores nothing; the product writes each message to disk before it answers.
- Our data holds rules and no stories, so the reference's learnt policies have nothing to learn and cost little; with stories it would be slower.
- Figures of scenarios that were run at different times stand beside each other; each says when. Processor time of a rented machine varies.
- Loopback: no network, no encryption, no proxy.
"""
WORDS = {True: "yes", False: "**no**", None: ""}


def markdown(found: Found, picture: str) -> str:
    """The whole page."""
    scenarios = list(found["scenarios"].values())
    parts = [HEAD, *_quick(found), _ratios(scenarios), f"\n![Ratios, long conversations, memory]({picture})", _machine(found["machine"])]
    return "\n".join([*parts, *map(_section, scenarios), LIMITS])


def _quick(found: Found) -> list[str]:
    return ["\n**A quick run at small sizes, to see that everything works. These figures mean nothing.**\n"] if found["extent"] == "quick" else []


def _ratios(scenarios: list[Found]) -> str:
    rows = [_row(figure) for scenario in scenarios for figure in scenario["figures"]]
    return "\n".join(["| figure | ratio | product | reference | wanted | reached |", "|---|---|---|---|---|---|", *rows])


def _row(figure: Found) -> str:
    unit, ratio = figure["unit"], figure["ratio"]
    product, reference = _value(figure["product"], unit), _value(figure["reference"], unit)
    return f"| {figure['name']} | {f'{ratio:.1f}' if ratio else ''} | {product} | {reference} | {_wanted(figure)} | {WORDS[figure['reached']]} |"


def _wanted(figure: Found) -> str:
    wanted, unit = figure["wanted"], figure["unit"]
    most, least, times = wanted["most"], wanted["least"], wanted["times"]
    parts = [f"≤ {_value(most, unit)}"] if most is not None else []
    parts += [f"≥ {_value(least, unit)}"] if least is not None else []
    parts += [f"ratio ≥ {times:g}"] if times is not None else []
    return ", ".join(parts)


def _value(value: Optional[float], unit: str) -> str:
    if value is None:
        return ""
    shown = f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
    return f"{shown} {unit}".strip()


def _machine(machine: dict[str, str]) -> str:
    return "\n".join(["\n## The machine\n", *(f"- {name}: {value}" for name, value in machine.items())])


def _section(scenario: Found) -> str:
    size = ", ".join(f"{name.replace('_', ' ')} {value:,}" for name, value in scenario["size"].items())
    parts = [f"\n## {scenario['title']}\n\n{scenario['meaning']}\n\nSize: {size}. Measured {scenario['at'].replace('T', ' ').replace('+00:00', ' UTC')}."]
    if scenario["load"] >= BUSY:
        parts.append(f"**The machine was not quiet before this** (load {scenario['load']:g}): the figures are worth less.")
    parts += scenario["remarks"]
    if scenario["spreads"]:
        parts.append("\n| ms | n | p50 | p95 | p99 | most |\n|---|---|---|---|---|---|")
        parts += [f"| {n} | {s['n']:,} | {s['p50']:.1f} | {s['p95']:.1f} | {s['p99']:.1f} | {s['most']:.1f} |" for n, s in scenario["spreads"].items()]
    return "\n".join(parts)
