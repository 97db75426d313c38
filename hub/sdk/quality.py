"""The rules that a plugin keeps, and the sheet on which it says so: `quality.toml`.

    kinds = ["connector"]

    [rules]
    pull_resumes = { state = "done", test = "tests/test_contract.py::TestMyShop::test_an_inter..." }
    webhooks_signed = { state = "exempt", reason = "the vendor has no webhooks" }
    erase_leaves_nothing = { state = "todo", reason = "the vendor's call is not documented yet" }

    [own]       # promises beyond the rules of its kinds
    encrypted = { says = "Mail is encrypted unless told otherwise", state = "done", test = "..." }

    [notes]     # what people should know: any key, any value
    vendor_versions = ["WooCommerce 11.0.1 (recorded)"]

Each rule of each kind stands there: done (with the test that shows it), todo or exempt (with the
reason). `test` names a test, a class or a file below the plugin's folder, or a list of them; `*`
stands for anything, as in `tests/test_contract.py::*::test_it_reads_no_clock`. While the tests
run, hub.sdk.testing.evidence holds every `done` against what the test showed.

A test that is skipped shows nothing and fails the run. When it can only run where something is
that not every machine has, add what it needs: `needs = "REGULARS_RECORDINGS"`. Skipped, it is then
reported as not shown here; when that is the name of an environment variable and the variable is
set, it must run.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from hub.sdk.version import fit, stated_range

__all__ = [
    "FILE",
    "KINDS",
    "LOOKED_UP",
    "RULES",
    "Entry",
    "InvalidSheet",
    "Missing",
    "Rule",
    "Sheet",
    "missing_rules",
    "read_sheet",
    "rules_of",
    "sheet_faults",
    "starter_sheet",
]

FILE: Final = "quality.toml"
KINDS: Final = ("connector", "channel", "widget", "condition", "recommender")


class Rule(msgspec.Struct, frozen=True):
    """One thing that every plugin of a kind must show. `test`: the contract suite's, if it has
    one."""

    id: str
    says: str
    test: str = ""
    ability: str = ""  # who declares this ability can not be exempt


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a plugin says of one rule."""

    state: Literal["done", "todo", "exempt"]
    test: str | list[str] = ""
    reason: str = ""
    says: str = ""
    needs: str = ""

    @property
    def tests(self) -> tuple[str, ...]:
        """The tests that show it, below the plugin's folder."""
        listed = [self.test] if isinstance(self.test, str) else self.test
        return tuple(test for test in listed if test)


class Sheet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A plugin's quality.toml."""

    kinds: list[str]
    rules: dict[str, Entry] = {}
    own: dict[str, Entry] = {}
    notes: dict[str, Any] = {}

    @property
    def claims(self) -> dict[str, Entry]:
        """Everything that it says is done and that a test shows."""
        every = {**self.rules, **self.own}
        done = {rule: entry for rule, entry in every.items() if entry.state == "done"}
        return {rule: entry for rule, entry in done.items() if entry.tests}


class Missing(msgspec.Struct, frozen=True):
    """A rule that a plugin does not show yet. `why`: its own reason, or what to do."""

    rule: str
    says: str
    why: str


class InvalidSheet(Exception):
    """The sheet can not be read; the message names the place."""


_EVERYWHERE = (
    Rule("declared", "The declaration is whole", "test_the_declaration_is_whole"),
    Rule("sdk_range", "It names the versions of the SDK that it was written for"),
    Rule("readme", "A README says what it does, how to set it up, and what it does not do"),
)
RULES: Final[Mapping[str, tuple[Rule, ...]]] = {
    "connector": (
        *_EVERYWHERE,
        Rule("settings_tested", "The settings are tried before they are saved",
             "test_the_test_of_the_settings_names_the_shop"),
        Rule("bad_key", "A wrong key needs attention and is not tried again",
             "test_a_wrong_key_needs_attention"),
        Rule("reads_all", "Every page is read, and the last one too",
             "test_every_page_is_read_and_the_last_one_too"),
        Rule("reads_news", "What changed is read from the cursor",
             "test_changes_are_read_from_the_cursor"),
        Rule("resumes", "An interrupted run goes on from any cursor",
             "test_an_interrupted_run_goes_on_from_any_cursor"),
        Rule("twice_same", "Reading twice gives the same", "test_reading_twice_gives_the_same"),
        Rule("keeps_midway", "A fault midway keeps what was read",
             "test_a_fault_midway_keeps_what_was_read"),
        Rule("slowed_down", "Being slowed down is obeyed", "test_being_slowed_down_is_obeyed"),
        Rule("faults_named", "429, 5xx, HTML and broken answers stop the run and say why",
             "test_a_lasting_fault_stops_the_run_and_says_why"),
        Rule("truncated", "A broken-off answer is asked for again",
             "test_a_broken_off_answer_is_asked_for_again"),
        Rule("hangs", "A vendor that hangs is given up", "test_a_vendor_that_hangs_is_given_up"),
        Rule("unknown_fields", "Fields that we do not know stay in the raw record",
             "test_fields_that_we_do_not_know_stay_in_the_raw_record"),
        Rule("plain_data", "All that it answers is plain data", "test_what_it_says_is_plain_data"),
        Rule("state_declared", "What it remembers is declared",
             "test_what_it_remembers_is_declared"),
        Rule("no_secret", "No secret is ever shown", "test_no_secret_is_ever_shown"),
        Rule("forged", "A forged delivery is refused", "test_a_forged_delivery_is_refused"),
        Rule("two_secrets", "Two webhook secrets are accepted while one replaces the other",
             "test_two_secrets_are_accepted_while_one_replaces_the_other"),
        Rule("any_order", "Webhooks in any order, replayed and lost, end in the same state",
             "test_any_order_of_deliveries_and_a_pull_end_in_the_same_state"),
        Rule("push_once", "What is pushed twice arrives once",
             "test_what_is_pushed_twice_arrives_once", "push"),
        Rule("erase_leaves_nothing", "An erasure leaves nothing, or says what a person must do",
             "test_erasing_leaves_nothing", "erase"),
        Rule("erase_nobody_else", "Erasing a stranger erases nobody",
             "test_erasing_a_stranger_erases_nobody", "erase"),
        Rule("recorded", "Answers that were recorded at a real vendor are read"),
    ),
    "channel": (
        *_EVERYWHERE,
        Rule("arrives", "A message arrives once and whole",
             "test_a_message_arrives_once_and_whole"),
        Rule("same_key", "The same key is known again", "test_the_same_key_is_known_again"),
        Rule("later", "Come back later, and nobody there, are retryable",
             "test_come_back_later_is_retryable"),
        Rule("refused_alone", "A refused address is refused alone",
             "test_a_refused_address_is_refused_alone"),
        Rule("settings", "Wrong settings need attention and are named",
             "test_without_settings_a_person_is_asked"),
        Rule("unknown_fate", "An unknown fate is said", "test_an_unknown_fate_is_said"),
        Rule("no_injection", "No text adds a recipient", "test_no_text_adds_a_recipient"),
        Rule("one_address", "One address is one address", "test_one_address_is_one_address"),
        Rule("at_once", "Messages at once do not mix", "test_messages_at_once_do_not_mix"),
        Rule("no_secret", "No secret is ever shown", "test_no_secret_is_ever_shown"),
    ),
    "widget": (
        *_EVERYWHERE,
        Rule("documented", "Every field is documented", "test_every_field_is_documented"),
        Rule("sample", "The sample shows it at its best", "test_the_sample_shows_it_at_its_best"),
        Rule("pure", "The same content gives the same answer",
             "test_the_same_content_gives_the_same_answer"),
        Rule("drawn", "What is drawn is safe, and the same each time",
             "test_what_is_drawn_is_safe_and_the_same_each_time"),
        Rule("strict", "Unknown fields and wrong types are refused by name",
             "test_values_of_a_wrong_type_are_refused"),
        Rule("links", "Links that run code or leave the web are refused",
             "test_links_that_run_code_or_leave_the_web_are_refused"),
        Rule("texts", "Hostile texts stay plain text", "test_hostile_texts_stay_plain_text"),
        Rule("small", "Texts have an end", "test_texts_have_an_end"),
        Rule("languages", "Each language is written alike", "test_each_language_is_written_alike"),
    ),
    "condition": (
        *_EVERYWHERE,
        Rule("stable", "It is written as it was read", "test_it_is_written_as_it_was_read"),
        Rule("agrees", "The query gives the same people", "test_the_query_gives_the_same_people"),
        Rule("counters", "Counters give the same answer as the history",
             "test_counters_give_the_same_answer_as_the_history"),
        Rule("unknown_false", "What is unknown never helps",
             "test_what_is_unknown_never_helps_and_odd_values_raise_nothing"),
        Rule("garbage", "Garbage is refused by name", "test_garbage_is_refused_by_name"),
        Rule("sentences", "It speaks in sentences", "test_it_speaks_in_sentences"),
        Rule("visit_only", "Who asks about the visit asks about nothing else",
             "test_who_asks_about_the_visit_asks_about_nothing_else"),
        Rule("pure", "The same facts give the same answer",
             "test_the_same_facts_give_the_same_answer"),
        Rule("no_clock", "It reads no clock", "test_it_reads_no_clock"),
        Rule("fast", "An answer costs few questions", "test_an_answer_costs_few_questions"),
    ),
    "recommender": (
        *_EVERYWHERE,
        Rule("showable", "What is shown can be bought", "test_what_is_shown_can_be_bought"),
        Rule("no_repeats", "No product comes twice", "test_no_product_comes_twice"),
        Rule("pure", "The same facts give the same ranking",
             "test_the_same_facts_give_the_same_ranking"),
        Rule("read_only", "It changes nothing", "test_it_changes_nothing"),
        Rule("first_visit", "A new shop and a first visit raise nothing",
             "test_a_new_shop_and_a_first_visit_raise_nothing"),
        Rule("hostile_ids", "Hostile ids raise nothing", "test_hostile_ids_raise_nothing"),
        Rule("fast", "It looks at few products", "test_it_looks_at_few_products"),
    ),
}  # fmt: skip


def _readme(folder: Path) -> str:
    file = folder / "README.md"
    long_enough = file.is_file() and len(file.read_text("utf-8")) >= 200
    return "" if long_enough else "README.md is missing or says next to nothing"


def _sdk_range(folder: Path) -> str:
    judged = fit(stated_range(folder / "__init__.py"))
    return judged.error or judged.warning


# Rules that are looked up in the plugin's own files; no test is named for them.
LOOKED_UP: Final[Mapping[str, Callable[[Path], str]]] = {
    "readme": _readme,
    "sdk_range": _sdk_range,
}


def rules_of(kinds: list[str]) -> dict[str, Rule]:
    """The rules of some kinds, by id; a rule that two kinds share stands once."""
    return {rule.id: rule for kind in kinds for rule in RULES.get(kind, ())}


def read_sheet(folder: Path) -> Sheet:
    """The quality.toml of a plugin's folder. Raises InvalidSheet naming the place."""
    file = folder / FILE
    try:
        return msgspec.convert(tomllib.loads(file.read_text("utf-8")), Sheet)
    except FileNotFoundError:
        raise InvalidSheet(f"{file}: there is none; write one with every rule") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise InvalidSheet(f"{file}: {error}") from None


def sheet_faults(folder: Path) -> list[str]:
    """What is wrong with a sheet before any test runs, one sentence each."""
    try:
        sheet = read_sheet(folder)
    except InvalidSheet as error:
        return [str(error)]
    found = [
        f"kinds: {kind!r} is not one of {', '.join(KINDS)}"
        for kind in sheet.kinds or [""]
        if kind not in KINDS
    ]
    known = rules_of(sheet.kinds)
    abilities = _abilities(folder)
    for name, rule in known.items():
        entry = sheet.rules.get(name)
        if rule.ability in abilities and entry is not None and entry.state == "exempt":
            found.append(f"rules.{name}: says exempt, but {owns(rule)}")
        if name not in sheet.rules:
            found.append(f"rules: {name} is missing ({rule.says}): say done, todo or exempt")
    for name, entry in sheet.rules.items():
        if name not in known:
            found.append(f"rules: {name} is no rule of {', '.join(sheet.kinds)}; use [own] for it")
        if name in LOOKED_UP and entry.state == "done":
            fault = LOOKED_UP[name](folder)
            found += [f"rules.{name}: says done, but {fault}"] if fault else []
        else:
            found += _entry_faults(f"rules.{name}", entry)
    for name, entry in sheet.own.items():
        if not entry.says:
            found.append(f'own.{name}: add says = "...", the promise in one sentence')
        found += _entry_faults(f"own.{name}", entry)
    return found


def owns(rule: Rule) -> str:
    """Why a connector with the ability of this rule can not be exempt from it."""
    return f'the connector has the ability "{rule.ability}": say done, or todo'


def missing_rules(folder: Path) -> list[Missing]:
    """The rules that a plugin does not show yet: left out of its sheet, or todo."""
    sheet = read_sheet(folder)
    found = []
    for name, rule in rules_of(sheet.kinds).items():
        entry = sheet.rules.get(name)
        if entry is None:
            found.append(Missing(name, rule.says, f"not in {FILE}"))
        elif entry.state == "todo":
            found.append(Missing(name, rule.says, entry.reason))
    return found


def starter_sheet(kind: str, test_class: str, reasons: Mapping[str, str] | None = None) -> str:
    """A quality.toml for a new plugin: done where the contract suite shows it, the rest todo."""
    lines = [f'kinds = ["{kind}"]', "", "[rules]"]
    for rule in RULES[kind]:
        if reasons and rule.id in reasons:
            state = f'state = "exempt", reason = "{reasons[rule.id]}"'
        elif rule.id in LOOKED_UP:
            state = 'state = "done"'
        elif rule.test:
            state = f'state = "done", test = "tests/test_contract.py::{test_class}::{rule.test}"'
        else:
            state = 'state = "todo", reason = "not written yet"'
        lines.append(f"{rule.id} = {{ {state} }}")
    return "\n".join(lines) + "\n"


def _abilities(folder: Path) -> frozenset[str]:
    """The abilities that a plugin's own files declare, read without running them."""
    found: set[str] = set()
    for file in sorted(folder.rglob("*.py")):
        if "tests" in file.relative_to(folder).parts:
            continue
        try:
            tree = ast.parse(file.read_bytes())
        except (SyntaxError, ValueError):
            continue  # importing it will say what is wrong
        for node in ast.walk(tree):
            targets = node.targets if isinstance(node, ast.Assign) else []
            if isinstance(node, ast.AnnAssign):
                targets = [node.target]
            if any(isinstance(target, ast.Name) and target.id == "abilities" for target in targets):
                value = getattr(node, "value", None) or ast.Constant(None)
                found |= {
                    part.value
                    for part in ast.walk(value)
                    if isinstance(part, ast.Constant) and isinstance(part.value, str)
                }
    return frozenset(found)


def _entry_faults(name: str, entry: Entry) -> list[str]:
    if entry.state == "done" and not entry.tests:
        return [f'{name}: done needs test = "tests/...", the test that shows it']
    if entry.state != "done" and not entry.reason.strip():
        return [f"{name}: {entry.state} needs a reason"]
    if entry.needs and entry.state != "done":
        return [f"{name}: needs belongs to done only, not to {entry.state}"]
    outside = [test for test in entry.tests if test.startswith("/") or ".." in test]
    return [f"{name}: {test} is outside the plugin's folder" for test in outside]
