"""The mutations can be applied to today's code, and what is to catch them is there."""

import ast
from pathlib import Path

import pytest
from tests.chaos.crash_pinch import PINCHES
from tests.chaos.mutation_list import MUTATIONS, Mutation
from tests.chaos.mutations import Ran, judge

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_a_mutation_fits_the_code(mutation: Mutation) -> None:
    """Its text stands exactly once in its file, and the file can still be read with the replacement."""
    text = (ROOT / mutation.file).read_text()

    assert text.count(mutation.find) == 1
    changed = text.replace(mutation.find, mutation.replace)
    assert ast.dump(ast.parse(changed)) != ast.dump(ast.parse(text))


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_what_catches_a_mutation_is_there(mutation: Mutation) -> None:
    """A pinch of the walk, or, with a reason, a test that stands in its file."""
    if not mutation.is_test:
        assert mutation.caught_by in PINCHES
        return
    file, _, test = mutation.caught_by.partition("::")
    assert f"def {test}(" in (ROOT / file).read_text()
    assert mutation.because


def test_names_are_their_own() -> None:
    """`--only` chooses one."""
    assert len({mutation.name for mutation in MUTATIONS}) == len(MUTATIONS)


@pytest.mark.parametrize(
    ("ran", "is_caught"),
    [
        (Ran(1, "DUPLICATE: twice", 1.0), True),
        (Ran(0, "DUPLICATE: twice", 1.0), False),
        (Ran(1, "ModuleNotFoundError: no", 1.0), False),
        (Ran(None, "", 1.0), False),
    ],
)
def test_only_the_expected_finding_counts(ran: Ran, *, is_caught: bool) -> None:
    """Neither a run that passes, nor one that broke or never ended, has noticed anything."""
    mutation = next(mutation for mutation in MUTATIONS if mutation.name == "read-back")

    assert (judge(mutation, ran) is None) is is_caught
