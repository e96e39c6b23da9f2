"""Every assumption of a configuration by key, with where it comes from; its draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from forecasting.distributions import Distribution, Uncertain, check_range, draw
from forecasting.errors import InputError
from forecasting.languages.messages import all_of, say
from forecasting.savings.activation import RATES, SHARES, Assumptions
from forecasting.savings.relapse import EffectLag, Value, relapse_monthly, relapse_within
from forecasting.savings.schema import Assumption, RelapseSource, SavingsConfig
from forecasting.schemas import key_place
from forecasting.sources.parameters import ParameterFile, load_parameters

_WITHIN = ("share_within", "months", "permanent_share")
_LAG = ("zero_months", "full_months")

KEYS = (
    *(*SHARES, *RATES, "relapse_monthly_rate"),
    *(f"relapse_{name}" for name in _WITHIN),
    *(f"effect_lag_{name}" for name in _LAG),
)
"""Names of the assumptions; those of `relapse` and `effect_lag` are written below these keys."""


@dataclass(frozen=True)
class Assumed:
    """One assumption and where it comes from.

    Attributes
    ----------
    value : int, float or Distribution
    source : mapping of str to str or None
        Of the prior, by language; None where the value stands in the configuration.
    quality : str
        Of the prior; empty where the value stands in the configuration.
    """

    value: Uncertain
    source: Mapping[str, str] | None = None
    quality: str = ""


def read_assumptions(config: SavingsConfig, path: Path) -> dict[str, Assumed]:
    """Return the assumptions by name, in the order of `KEYS`, priors looked up.

    Parameters
    ----------
    config : SavingsConfig
    path : pathlib.Path
        For the messages.

    Raises
    ------
    InputError
        If one is outside its range, or two of them do not go together; naming file and key.
    """
    given = _given(config, path)
    known = load_parameters("activation") if "prior" in given.values() else None
    assumed = {
        name: _resolved(given[name], name, known, where=_place(path, name))
        for name in KEYS
        if name in given
    }
    for name, each in assumed.items():
        _check(name, each.value, _place(path, name))
    if "relapse_share_within" in assumed:
        _check_within(assumed, path)
    if "effect_lag_zero_months" in assumed:
        _check_lag(assumed, path)
    return assumed


def draw_assumptions(
    assumed: Mapping[str, Assumed], n_draws: int, *, seed: int
) -> dict[str, np.ndarray]:
    """Draw the uncertain assumptions independently of each other.

    Each has random numbers of its own, so that a change of one leaves the draws of the others.

    Returns
    -------
    dict of str to numpy.ndarray of shape (n_draws,)
        By name, without those that are numbers.
    """
    return {
        name: draw(each.value, np.random.default_rng([seed, place]).random(n_draws))
        for place, name in enumerate(KEYS)
        if (each := assumed.get(name)) and isinstance(each.value, Distribution)
    }


def build_assumptions(values: Mapping[str, Value]) -> Assumptions[Value]:
    """Put values by name together; see `KEYS`.

    Raises
    ------
    InputError
        If they do not go together.
    """
    none = values["deadweight"] * 0
    if "relapse_share_within" in values:
        relapse = relapse_within(*(values[f"relapse_{name}"] for name in _WITHIN))
    else:
        relapse = relapse_monthly(values.get("relapse_monthly_rate", none))
    lag = None
    if "effect_lag_zero_months" in values:
        lag = EffectLag(*(values[f"effect_lag_{name}"] for name in _LAG))
    return Assumptions(
        **{name: values[name] for name in (*SHARES, *RATES)}, relapse=relapse, effect_lag=lag
    )


def exact_values(assumed: Mapping[str, Assumed]) -> dict[str, Fraction]:
    """Numbers as they are written, as fractions; of none of the assumptions a distribution."""
    return {name: Fraction(str(each.value)) for name, each in assumed.items()}


def _given(config: SavingsConfig, path: Path) -> dict[str, Assumption]:
    given = {name: getattr(config, name) for name in (*SHARES, *RATES)}
    relapse, lag = config.relapse, config.effect_lag
    if isinstance(relapse, RelapseSource):
        given |= {f"relapse_{name}": value for name, value in _form(relapse, path).items()}
    elif relapse == "prior":
        given |= {f"relapse_{name}": "prior" for name in _WITHIN}
    if lag != "none":
        given |= {
            f"effect_lag_{name}": "prior" if lag == "prior" else getattr(lag, name) for name in _LAG
        }
    return given


def _form(relapse: RelapseSource, path: Path) -> dict[str, Assumption]:
    """What is given of a relapse, refused where it is not one of the two forms."""
    given = {
        name: value
        for name in RelapseSource.model_fields
        if (value := getattr(relapse, name)) is not None
    }
    if set(given) not in ({"monthly_rate"}, set(_WITHIN)):
        raise InputError(
            say("{keys} given", keys=all_of(list(given))) if given else say("no value given"),
            where=key_place(path, "relapse"),
            expected=say(
                "{one}, or all of {other}",
                one="none, {monthly_rate: 0.02}",
                other="{share_within: 0.25, months: 12, permanent_share: 0.40}",
            ),
        )
    return given


def _resolved(value: Assumption, name: str, known: ParameterFile | None, *, where: str) -> Assumed:
    if known is None or value != "prior":
        return Assumed(value)  # type: ignore[arg-type]
    newest = max(entry.valid_from for entry in known.entries)
    try:
        entry = known.entry(name, on=newest)
    except InputError as problem:
        raise InputError(
            say("no prior '{name}' in {file}", name=name, file=known.path.name),
            where=where,
            expected=say(
                "a number or a distribution such as {example}",
                example="{triangular: [0.1, 0.3, 0.5]}",
            ),
        ) from problem
    return Assumed(entry.uncertain, entry.source, entry.quality)


def _check(name: str, value: Uncertain, where: str) -> None:
    if name in RATES:
        low, high = _ends(value)
        if not -1 < low <= high <= 1:
            raise InputError(
                _shown(value),
                where=where,
                expected=say("a rate a year above -1 and at most 1"),
                action=say("write 2.5 percent as 0.025"),
            )
    elif name.endswith("months"):
        check_range(value, 0, float("inf"), where=where)
    else:
        check_range(value, 0, 1, where=where)


def _check_within(assumed: Mapping[str, Assumed], path: Path) -> None:
    share, months, permanent = (assumed[f"relapse_{name}"].value for name in _WITHIN)
    if _ends(months)[0] <= 0:
        raise InputError(
            _shown(months), where=_place(path, "relapse_months"), expected=say("above 0")
        )
    if _ends(share)[1] + _ends(permanent)[1] >= 1:
        raise InputError(
            say(
                "{value} with {setting}",
                value=_shown(share),
                setting=f"permanent_share {_shown(permanent)}",
            ),
            where=_place(path, "relapse_share_within"),
            expected=say(
                "less than 1 - permanent_share in every draw: who stays away for good cannot come "
                "back"
            ),
            action=say("lower one of the two"),
        )


def _check_lag(assumed: Mapping[str, Assumed], path: Path) -> None:
    zero, full = (assumed[f"effect_lag_{name}"].value for name in _LAG)
    if _ends(zero)[1] >= _ends(full)[0]:
        raise InputError(
            say(
                "{value} with {setting}",
                value=_shown(zero),
                setting=f"full_months {_shown(full)}",
            ),
            where=_place(path, "effect_lag_zero_months"),
            expected=say("less than full_months in every draw"),
            action=say(
                "for an effect that is there at once: {setting}", setting="effect_lag: none"
            ),
        )


def _ends(value: Uncertain) -> tuple[float, float]:
    if isinstance(value, Distribution):
        return value.low, value.high
    return float(value), float(value)


def _shown(value: Uncertain) -> str:
    return str(value) if isinstance(value, Distribution) else f"{value:g}"


def _place(path: Path, name: str) -> str:
    """File and key, as the key is written in the configuration."""
    for group in ("relapse", "effect_lag"):
        if name.startswith(f"{group}_"):
            name = f"{group}.{name.removeprefix(f'{group}_')}"
    return key_place(path, name)
