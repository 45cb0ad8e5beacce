"""Laying out a line of Python that is too long over several, one argument or item on each."""

from __future__ import annotations

import ast

WIDTH = 100
"""Columns that a line may take."""

_STEP = "    "

Part = tuple[int, int, int]
"""Where a part of a line begins, where the expression in it does (after `name=` or `key: `), and where it ends."""


def wrap_python(line: str, indent: str = "", before: str = "") -> str:
    """Return a line with the brackets opened that make it too long; `indent`, and what stands `before` it, come first.

    It is a statement or an expression, or a remark, which stays as it is.
    """
    if len(indent) + len(before) + len(line) <= WIDTH or line.startswith("#"):
        return indent + before + line
    parts = _outermost_parts(ast.parse(line))
    if not parts:
        return indent + before + line
    source = line.encode("utf-8", "backslashreplace")
    opened = [
        wrap_python(source[value:end].decode(), indent + _STEP, source[begin:value].decode()) + ","
        for begin, value, end in parts
    ]
    head, tail = source[: parts[0][0]].decode(), source[parts[-1][2] :].decode()
    return "\n".join([indent + before + head, *opened, indent + tail])


def _outermost_parts(tree: ast.AST) -> list[Part]:
    """Return the parts within the last of the outermost brackets that hold any."""
    for node in _spine(tree):
        if isinstance(node, ast.Call) and (node.args or node.keywords):
            return sorted([*map(_item, node.args), *map(_keyword, node.keywords)])
        if isinstance(node, (ast.List, ast.Tuple)) and node.elts:
            return [*map(_item, node.elts)]
        if isinstance(node, ast.Dict) and node.keys:
            pairs = zip(node.keys, node.values, strict=True)
            return [(key.col_offset, *_item(value)[1:]) for key, value in pairs if key]
    return []


def _item(node: ast.expr) -> Part:
    return node.col_offset, node.col_offset, node.end_col_offset or node.col_offset


def _keyword(node: ast.keyword) -> Part:
    return node.col_offset, *_item(node.value)[1:]


def _spine(node: ast.AST) -> list[ast.AST]:
    """Return what a line consists of, what is to be opened first before the rest."""
    if isinstance(node, ast.Module):
        return _spine(node.body[0])
    if isinstance(node, (ast.Expr, ast.Assign, ast.keyword)):
        return _spine(node.value)
    if isinstance(node, ast.Assert):
        return _spine(node.test)
    if isinstance(node, ast.Compare):
        return [*_spine(node.comparators[-1]), *_spine(node.left)]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not (node.args or node.keywords):
        return _spine(node.func.value)
    return [node]
