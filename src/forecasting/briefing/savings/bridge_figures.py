"""The charts of the way from published to net, and of what moves it, with words and numbers."""

from __future__ import annotations

from forecasting.briefing.blocks import Figure
from forecasting.briefing.savings.bridge_chart import BridgeBar, BridgeChart, bridge_chart
from forecasting.briefing.savings.figures import stated_figure
from forecasting.briefing.savings.material import SavingsMaterial
from forecasting.briefing.savings.swing_charts import (
    BulletChart,
    BulletRow,
    Swing,
    TornadoChart,
    bullet_chart,
    tornado_chart,
)
from forecasting.briefing.savings.texts import detail_title
from forecasting.briefing.savings.words import HIGH, LOW, MILLION, SavingsWords
from forecasting.savings.outcomes import Outcome


def bridge_figure(material: SavingsMaterial, words: SavingsWords) -> Figure:
    """Draw the steps from the published sum to the net savings."""
    language = words.language
    bars = _bars(material, words)
    cost = language.gettext("cost of the programme {value}").format(
        value=words.million(material.cost)
    )
    data = BridgeChart(
        bars, language.gettext("EUR million"), detail_title(material, words),
        material.cost / MILLION, cost,
    )  # fmt: skip
    caption = language.gettext("From the published sum to the net savings, step by step")
    alt = language.gettext("Bars from one sum to the next, in EUR million. {bars}. {cost}.")
    described = "; ".join(_described(bar) for bar in bars)
    figure = Figure(
        id="bridge",
        caption=caption,
        alt=alt.format(bars=described, cost=cost),
        svg=bridge_chart(data, language),
        note=_bridge_note(material, words),
    )
    return stated_figure(figure, material, words)


def _described(bar: BridgeBar) -> str:
    return f"{bar.name} {bar.text}{f' ({bar.detail})' if bar.detail else ''}"


def _bridge_note(material: SavingsMaterial, words: SavingsWords) -> str:
    if not material.is_uncertain:
        return words.language.gettext("The size of a step depends on the order of the steps.")
    return words.language.gettext(
        "Means over the draws; a thin line shows where a step ends in {level} of them, counted "
        "from the mean before it. The size of a step depends on the order of the steps. Rounded "
        "values need not add up."
    ).format(level=words.language.percent(0.8))


def _bars(material: SavingsMaterial, words: SavingsWords) -> list[BridgeBar]:
    bridge, gross_after = material.bridge, material.gross_after
    name = words.language.gettext("published")
    if bridge.published != material.published_eur:  # other amounts or persons
        name = words.language.gettext("counted as published")
    published = float(bridge.published) / MILLION
    bars = [_sum(name, published, words.million(bridge.published))]
    for number, step in enumerate(bridge.steps):
        if step.change or step.low != step.high:
            is_open = step.low != step.high
            bars.append(
                BridgeBar(
                    words.step(step.name, material.horizon),
                    float(step.change) / MILLION,
                    words.signed(step.change),
                    _range(float(step.low), float(step.high), words) if is_open else "",
                    interval=(float(step.low) / MILLION, float(step.high) / MILLION)
                    if is_open
                    else None,
                )
            )
        if number == gross_after:
            bars.append(_outcome(words.language.gettext("gross"), material.gross, material, words))
    return [*bars, _outcome(words.language.gettext("net"), material.net, material, words)]


def _range(low: float, high: float, words: SavingsWords) -> str:
    return words.language.gettext("{lower} to {upper}").format(
        lower=words.signed(low), upper=words.signed(high)
    )


def _sum(name: str, value: float, text: str) -> BridgeBar:
    return BridgeBar(name, value, text, kind="sum")


def _outcome(
    name: str, outcome: Outcome, material: SavingsMaterial, words: SavingsWords
) -> BridgeBar:
    value, text = float(outcome.mean) / MILLION, words.million(outcome.mean)
    if not material.is_uncertain:
        return _sum(name, value, text)
    low, high = (float(outcome.quantiles[place]) for place in (LOW, HIGH))
    detail = words.range_million(low, high)
    return BridgeBar(name, value, text, detail, "sum", (low / MILLION, high / MILLION))


def tornado_figure(material: SavingsMaterial, words: SavingsWords) -> Figure:
    """Draw what the net savings become if one assumption is low or high."""
    language, found = words.language, material.tornado
    swings = [
        Swing(
            words.assumption(each.name, material.run.plan.assumed),
            each.net_at_low / MILLION,
            each.net_at_high / MILLION,
            words.value(each.name, each.low),
            words.value(each.name, each.high),
            words.range_fine(*sorted((each.net_at_low, each.net_at_high))),
        )
        for each in found.swings
    ]
    middle = language.gettext("all at their mean: {value}").format(
        value=words.fine(found.net_at_centre)
    )
    keys = language.gettext("assumption low (P10)"), language.gettext("assumption high (P90)")
    data = TornadoChart(
        swings, found.net_at_centre / MILLION, middle,
        language.gettext("net savings, EUR million"), keys, language.gettext("net savings"),
    )  # fmt: skip
    alt = language.gettext(
        "Bars of the net savings in EUR million if one assumption goes from low to high and the "
        "others stay at their mean ({centre}). {swings}."
    )
    described = [f"{s.name} {s.low_text} – {s.high_text}: {s.detail}" for s in swings]
    figure = Figure(
        id="tornado",
        caption=language.gettext("Net savings if one assumption is low or high"),
        alt=alt.format(centre=words.fine(found.net_at_centre), swings="; ".join(described)),
        svg=tornado_chart(data, language),
        note=language.gettext(
            "At the ends the value of the assumption: one case in ten is below the low, one above "
            "the high one. The result with all at their mean is not the mean of the results."
        ),
    )
    return stated_figure(figure, material, words)


def sobol_figure(material: SavingsMaterial, words: SavingsWords) -> Figure:
    """Draw which share of the variance each assumption explains."""
    language = words.language
    rows = [
        BulletRow(
            words.assumption(each.name, material.run.plan.assumed),
            max(each.total_order, 0.0),
            max(each.first_order, 0.0),
            tuple(language.percent(max(v, 0.0)) for v in (each.total_order, each.first_order)),
        )
        for each in material.sobol
    ]
    keys = language.gettext("with interactions"), language.gettext("alone")
    data = BulletChart(
        rows, keys, keys, language.gettext("share of the variance of the net savings"), percent=True
    )
    alt = language.gettext(
        "Bars of the share of the variance that each assumption explains, with interactions and "
        "alone. {rows}."
    )
    figure = Figure(
        id="sobol",
        caption=language.gettext("What the uncertainty of the net savings comes from"),
        alt=alt.format(rows="; ".join(f"{r.name}: {', '.join(r.texts)}" for r in rows)),
        svg=bullet_chart(data, language),
        note=language.gettext(
            "Sobol indices of total and of first order. The shares with interactions add up to "
            "more than all."
        ),
    )
    return stated_figure(figure, material, words)
