"""``python -m tests.style``: the sizes and names that this repository aims for, as a ratchet.

What is too large or lacks a docstring today stands in ``style_ratchet.json`` with its measure and may only shrink;
nothing new may be added. ``python -m tests.style --update`` writes down what has shrunk, and never what has grown.
"""

from __future__ import annotations

import argparse
import ast
import io
import json
import re
import statistics
import sys
import tokenize
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

#: Where a finding stands and what it is -> its measure, in lines unless its kind says otherwise.
Findings = dict[str, int]
Function = ast.FunctionDef | ast.AsyncFunctionDef

ROOT: Final = Path(__file__).resolve().parent.parent
RATCHET: Final = Path(__file__).with_name("style_ratchet.json")
PRODUCT: Final = ("wallet_core", "bot", "payout_worker")
FOLDERS: Final = (*PRODUCT, "tests")

FUNCTION_LINES: Final = 40
HANDLER_LINES: Final = 25
FILE_LINES: Final = 300
MEDIAN_LINES: Final = 10
#: Module names that say nothing about what is inside.
EMPTY_WORDS: Final = frozenset({"util", "utils", "helper", "helpers", "manager", "managers", "common", "base"})
_PUT_OFF: Final = re.compile(r"\b(TODO|FIXME|XXX)\b")


def measure(root: Path = ROOT) -> Findings:
    """Everything below ``root`` that is over a limit."""
    found: Findings = {}
    lengths: list[int] = []
    for path in sorted(p for folder in FOLDERS for p in (root / folder).rglob("*.py")):
        name = path.relative_to(root).as_posix()
        text = path.read_text()
        tree = ast.parse(text)
        found |= _of_file(name, text)
        found |= _too_long(name, tree)
        if name.startswith(PRODUCT):
            found |= _without_docstring(name, tree)
            lengths += [_length(function) for _, function in _functions(tree)]
    median = int(statistics.median(lengths)) if lengths else 0
    return found | ({"median of all functions": median} if median > MEDIAN_LINES else {})


def _of_file(name: str, text: str) -> Findings:
    found: Findings = {}
    lines = text.count("\n")
    if lines > FILE_LINES:
        found[f"{name}: file"] = lines
    words = {word for part in Path(name).with_suffix("").parts for word in part.split("_")}
    if words & EMPTY_WORDS:
        found[f"{name}: name that says nothing"] = 1
    if put_off := sum(bool(_PUT_OFF.search(comment)) for comment in _comments(text)):
        found[f"{name}: work put off in comments"] = put_off
    return found


def _comments(text: str) -> Iterator[str]:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return (token.string for token in tokens if token.type == tokenize.COMMENT)


def _too_long(name: str, tree: ast.Module) -> Findings:
    limit = HANDLER_LINES if name.startswith("bot/handlers/") else FUNCTION_LINES
    lengths = {f"{name}: {qualified}": _length(function) for qualified, function in _functions(tree)}
    return {where: lines for where, lines in lengths.items() if lines > limit}


def _functions(tree: ast.Module) -> Iterator[tuple[str, Function]]:
    """Functions of the module and methods of its classes by their names; what is nested counts for the outer one."""
    for node in tree.body:
        if isinstance(node, Function):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from ((f"{node.name}.{inner.name}", inner) for inner in node.body if isinstance(inner, Function))


def _length(function: Function) -> int:
    """Lines from ``def`` to the end, without the docstring."""
    first = function.body[0]
    described = ast.get_docstring(function, clean=False) is not None
    docstring = (first.end_lineno or 0) - first.lineno + 1 if described else 0
    return (function.end_lineno or 0) - function.lineno + 1 - docstring


def _without_docstring(name: str, tree: ast.Module) -> Findings:
    nodes: list[tuple[str, ast.Module | ast.ClassDef | Function]] = [("module", tree)] if tree.body else []
    nodes += [(node.name, node) for node in tree.body if isinstance(node, ast.ClassDef)]
    nodes += [(qualified, function) for qualified, function in _functions(tree)]
    bare = (qualified for qualified, node in nodes if _is_public(qualified) and ast.get_docstring(node) is None)
    return {f"{name}: {qualified} has no docstring": 1 for qualified in bare}


def _is_public(qualified: str) -> bool:
    return not any(part.startswith("_") for part in qualified.split("."))


def compare(found: Mapping[str, int], allowed: Mapping[str, int]) -> list[str]:
    """A sentence for each finding that is new, has grown, or has shrunk without being written down; none is well."""
    update = "write it down with `python -m tests.style --update`, so that it cannot grow again"
    said: list[str] = []
    for where in sorted(found.keys() | allowed.keys()):
        now, before = found.get(where, 0), allowed.get(where, 0)
        if now > before:
            said.append(
                f"{where}: {now}" + (f", it was {before} and may only shrink" if before else ", over the limit")
            )
        elif now < before:
            said.append(f"{where}: {before} became {now}: {update}")
    return said


def shrunk(found: Mapping[str, int], allowed: Mapping[str, int]) -> Findings:
    """The ratchet turned: what is still there, at most as large as it was."""
    return {where: min(found[where], before) for where, before in sorted(allowed.items()) if where in found}


def main(arguments: list[str] | None = None, root: Path = ROOT, ratchet: Path = RATCHET) -> int:
    """Prints what is wrong; 1 when something is."""
    parser = argparse.ArgumentParser(prog="python -m tests.style", description=__doc__)
    parser.add_argument("--update", action="store_true", help="write down what has shrunk")
    update = parser.parse_args(arguments).update
    found, allowed = measure(root), json.loads(ratchet.read_text())
    if update:
        allowed = shrunk(found, allowed)
        ratchet.write_text(json.dumps(allowed, indent=1) + "\n")
    said = compare(found, allowed)
    for sentence in said:
        sys.stdout.write(sentence + "\n")
    sys.stdout.write(f"style: {len(said)} to mend, {len(allowed)} excesses left\n")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
