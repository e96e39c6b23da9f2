"""``forecasting programme``: what each command prints, writes and returns."""

from __future__ import annotations

import json
import re
from pathlib import Path

import openpyxl
import pytest

from forecasting.cli import main
from forecasting.programmes.catalogue import find_programme, list_programmes, load_programme

COMMANDS = ("list", "show", "check", "note", "tables", "compare", "progress")
FUND = "si-amif-2021-2027"


def changed(text, before, after):
    """Return the text with one place changed."""
    assert text.count(before) == 1
    return text.replace(before, after)


@pytest.fixture
def own(tmp_path):
    """Text of a catalogue of one's own, and a function that writes it."""

    def write(text):
        (tmp_path / "own.yaml").write_text(text, encoding="utf-8")
        return "own.yaml"

    return find_programme("si-social-care-2025-2026").read_text(encoding="utf-8"), write


def test_the_group_has_exactly_these_commands():
    assert sorted(main.commands["programme"].commands) == sorted(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_each_command_shows_examples_with_its_options(run, command):
    result = run("programme", command, "--help")
    assert result.exit_code == 0
    usage, examples = result.output.split("Examples:\n")
    lines = re.sub(r"\\\n", " ", examples).splitlines()
    own = [line for line in lines if line.startswith(f"  forecasting programme {command}")]
    assert own
    for option in re.findall(r" (--?[a-z-]+)", "\n".join(own)):
        assert re.search(rf"{option}\b", usage), option


# list


def test_the_list_has_every_programme_with_what_it_holds(run):
    result = run("programme", "list")
    assert result.exit_code == 0
    header, *rows = result.stdout.splitlines()
    assert re.split(" {2,}", header) == [
        *("Programme", "Name", "Period", "Indicators", "Relations", "Differences"),
    ]
    assert [row.split()[0] for row in rows] == list_programmes()
    for row in rows:
        loaded = load_programme(row.split()[0])
        apart = sum(relation.difference is not None for relation in loaded.relations)
        counts = [len(loaded.indicators), len(loaded.relations), apart]
        assert [int(cell) for cell in row.split()[-3:]] == counts
    assert run("programme", "list", "--language", "sl").stdout.startswith("Program ")


# show


@pytest.mark.parametrize("language", ["en", "sl"])
@pytest.mark.parametrize("name", list_programmes())
def test_the_page_of_a_programme_names_every_indicator_and_measure(run, name, language):
    result = run("programme", "show", name, "--language", language)
    assert result.exit_code == 0
    loaded, lines = load_programme(name), result.stdout.splitlines()
    for indicator in loaded.indicators:
        assert f"{indicator.code}  {indicator.name[language]}" in lines
    for measure in loaded.measures:
        assert f"    {measure.code}  {measure.name[language]}" in lines
    for version in loaded.versions:
        assert version.reason[language] in result.stdout


def test_a_page_has_the_calculations(run):
    lines = run("programme", "show", FUND).stdout.splitlines()
    place = lines.index("O.1.1.1  Number of participants who received legal assistance")
    assert lines[place + 1 : place + 5] == [
        "    milestone 2024-12: 10,644 persons",
        "        calculation: 3 years × 3,548 applications per year = 10,644 applications",
        "    target 2029-12: 17,740 persons",
        "        calculation: 5 years × 3,548 applications per year = 17,740 applications",
    ]


def test_values_that_are_no_number_are_words(run):
    text = run("programme", "show", "xk-ranilug-2023-2025").stdout
    assert "milestone 2023-12: not legible in the scan" in text
    text = run("programme", "show", "si-social-care-2025-2026", "--language", "sl").stdout
    assert "cilj 2025-12: izvedeno" in text


def test_one_indicator_comes_with_inputs_versions_operations_and_findings(run):
    text = run("programme", "show", FUND, "--indicator", "R.3.7").stdout
    assert text.startswith("R.3.7  Number of returnees who were removed\n")
    assert "version 1.0: target 10,000 persons" in text
    assert "version 4.0: target 336 persons" in text
    assert "medium: target 10,000 in version 1.0, 336 in version 4.0" in text
    text = run("programme", "show", FUND, "--indicator", "O.1.1.2").stdout
    assert "Persons in other operations: 92,640 persons (implied; remainder of 167,750)" in text
    assert "operation: Activation of the contingency plan" in text
    assert "O.1.1.1" not in text


def test_an_unknown_indicator_or_programme_is_refused_with_those_there_are(run):
    result = run("programme", "show", FUND, "--indicator", "O.9")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"error: {FUND}: indicator 'O.9'; expected: O.1.1, O.1.1.1")
    result = run("programme", "show", "si-amif")
    assert result.exit_code == 2
    assert "error: programme 'si-amif'; expected: fi-amif-2021-2027, " in result.stderr


# check


def test_all_catalogues_are_sound_and_their_differences_are_printed(run):
    result = run("programme", "check")
    assert (result.exit_code, result.stderr) == (0, "")
    for name in list_programmes():
        loaded = load_programme(name)
        assert f"\n{name}: rules kept; " in f"\n{result.stdout}"
        for relation in loaded.relations:
            if relation.difference:
                line = (
                    rf"^    {re.escape(relation.name)}: .+{relation.difference.reason['en'][-8:]}"
                )
                assert re.search(line, result.stdout, re.MULTILINE), relation.name


def test_a_check_counts_relations_and_findings(run):
    result = run("programme", "check", "si-social-care-2025-2026")
    first, *rest = result.stdout.splitlines()
    found = re.fullmatch(
        r"si-social-care-2025-2026: rules kept; 4 of 5 relations come out exactly; "
        r"findings: high (\d+), medium (\d+), low (\d+)",
        first,
    )
    assert found
    named = [line for line in rest if re.match(r"    (high|medium|low)  ", line)]
    codes = [len(line.split(": ")[0].split(", ")) for line in named]
    assert sum(codes) == sum(map(int, found.groups()))
    assert (
        "    high  due-after-what-it-prepares  3.7: due on 31 March 2026, but 3.8, which it "
        "prepares, already on 31 December 2025"
    ) in rest


def test_a_check_in_slovenian(run):
    text = run("programme", "check", FUND, "--language", "sl").stdout
    assert f"{FUND}: pravila so izpolnjena; natančno se izide " in text
    assert "    visoka  double-counting-bounds  O.1.1: cilj: med 167.750 in 185.490 " in text


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("    stated: 1080\n", "    stated: 1081\n", "relations.positive-exits: 1080 calculated"),
        ("geo: SI\n", "geo: SI\ngoe: SI\n", "own.yaml, key 'goe': is not a key of the catalogue"),
        ('    prepares: ["3.8"]\n', '    prepares: ["3.x"]\n', "'3.x' is not in the catalogue"),
    ],
)
def test_a_fault_is_an_error_and_the_other_catalogues_are_still_checked(
    run, own, before, after, message
):
    text, write = own
    name = write(changed(text, before, after))
    result = run("programme", "check", name, "xk-ranilug-2023-2025")
    assert result.exit_code == 2
    assert message in result.stderr
    assert all(line.startswith("error: ") for line in result.stderr.splitlines())
    assert result.stdout.startswith("xk-ranilug-2023-2025: rules kept; ")


def achieved(tmp_path, **values):
    """Write a file of achieved values of the fund."""
    programme = load_programme(FUND)
    rows = ["code,unit,achieved value,cut-off date"]
    for name, value in values.items():
        code = name.replace("_", ".")
        rows.append(f"{code},{programme.indicator(code).unit},{value},2024-12-31")
    (tmp_path / "achieved.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return "achieved.csv"


def test_the_stress_test_says_that_its_rule_is_not_in_force(run, tmp_path):
    name = achieved(tmp_path, O_1_2=75, O_1_3=38, O_2_2=2, O_2_7=1, O_3_1=40)
    result = run("programme", "check", FUND, "--stress-test", name)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines()[-4:] == [
        "  stress test by the 85/65 rule of 2014–2020, which is not in force for this programme: "
        "milestone, values of 31 December 2024",
        "    SO1: not achieved (O.1.2, O.1.3)",
        "    SO2: serious failure (O.2.2, O.2.7)",
        "    SO3: not achieved (O.3.1)",
    ]
    assert "85/65" not in run("programme", "check", FUND).stdout


def test_the_stress_test_needs_one_programme(run, tmp_path):
    result = run("programme", "check", "--stress-test", achieved(tmp_path, O_1_2=75))
    assert result.exit_code == 2
    assert result.stderr == "error: 0 programmes; expected: one with --stress-test\n"


# note, tables, compare


@pytest.mark.parametrize("ending", ["pdf", "docx"])
def test_a_note_is_written_by_its_ending(run, ending):
    result = run("programme", "note", FUND, "--output", f"note.{ending}", "--language", "sl")
    assert result.exit_code == 0, result.output
    assert result.stdout == f"note.{ending}\n"
    start = {"pdf": b"%PDF-", "docx": b"PK"}[ending]
    assert Path(f"note.{ending}").read_bytes().startswith(start)


def test_a_note_with_another_ending_is_refused(run):
    result = run("programme", "note", FUND, "--output", "note.txt")
    assert result.exit_code == 2
    assert result.stderr == (
        "error: output file 'note.txt'; expected: a name that ends in .pdf or .docx\n"
    )
    assert list(Path().iterdir()) == []


def test_the_tables_are_written_and_what_the_form_refuses_is_said(run):
    result = run("programme", "tables", FUND, "--output", "tables.xlsx")
    assert result.exit_code == 0, result.output
    *notes, last = result.stdout.splitlines()
    assert last == "tables.xlsx"
    assert any("O.1.1.1" in note for note in notes)  # ID [5]
    assert all(note.startswith("note   ") for note in notes)
    assert len(openpyxl.load_workbook("tables.xlsx").sheetnames) == 3


@pytest.mark.parametrize("output", ["tables.csv", "missing/tables.xlsx"])
def test_tables_that_cannot_be_written_are_refused_before_the_work(run, output):
    result = run("programme", "tables", FUND, "--output", output)
    assert result.exit_code == 2
    reason = "folder 'missing' does not exist" if "/" in output else "ends in .xlsx"
    assert reason in result.stderr
    assert result.stdout == ""
    assert list(Path().iterdir()) == []


def test_a_comparison_is_printed_and_written(run):
    options = ("compare", FUND, "--versions", "1.0,4.0")
    result = run("programme", *options)
    assert result.exit_code == 0, result.output
    assert "R.3.7 target: 1.0: 10,000 → 4.0: 336" in result.stdout
    assert re.search(
        r"^O\.1\.1\.1 target: .+ → 4\.0: 17,740 → proposal \(P80\): ", result.stdout, re.M
    )
    assert list(Path().iterdir()) == []
    written = run("programme", *options, "--output", "c.json")
    assert written.stdout == f"{result.stdout}c.json\n"
    rows = json.loads(Path("c.json").read_text(encoding="utf-8"))
    (row,) = [row for row in rows if row["indicator"] == "R.3.7"]
    assert (row["version_1.0"], row["version_4.0"], row["change"]) == (10000, 336, "changed")


@pytest.mark.parametrize("versions", ["3.0,5.0", "4.0,4.0", "4.0,3.0", ""])
def test_versions_that_cannot_be_compared_are_refused(run, versions):
    result = run("programme", "compare", FUND, "--versions", versions)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"error: {FUND}: ")
