#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds an answer against the schema in the manual: check_json.py MANUAL < ANSWER.

Each member of the answer must stand in the section JSON of the manual, with its type.
"""
import json
import re
import sys

TYPES = {"string": str, "number": int, "boolean": bool, "null": type(None)}
ALIASES = {"deny": "allow", "reject": "allow"}


def schema_read(path):
    schema = {}
    section = open(path).read().split(".Sh JSON\n")[1].split("\n.Sh ")[0]
    for line in section.splitlines():
        found = re.match(r"([a-z]+) +(\S+) +(.+)", line)
        if not found or line.startswith("."):
            continue
        command, member, text = found.groups()
        words = re.match(r"\w+(?: or \w+)*", text).group(0).split(" or ")
        schema.setdefault(command, {})[member] = words
    return schema


def members(value, path=""):
    """Yields (path, value) of everything that is no object and no array."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from members(item, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for item in value:
            yield from members(item, path + "[]")
    else:
        yield path, value


def types_of(schema, command, path):
    for known in (schema.get(command, {}), schema["any"]):
        if path in known:
            return known[path]
        for member, types in known.items():
            if "*" not in member:
                continue
            pattern = re.escape(member).replace(r"\*", "[^.\\[]*")
            if types[0] == "as" and re.match(pattern, path):
                return ["any"]
            if re.fullmatch(pattern, path):
                return types
    return None


def main():
    schema = schema_read(sys.argv[1])
    answer = json.load(sys.stdin)
    command = ALIASES.get(answer.get("command"), answer.get("command"))
    bad = []
    for path, value in members(answer):
        types = types_of(schema, command, path)
        if types is None:
            bad.append(f"{command}: '{path}' is not in the manual")
        elif types != ["any"] and type(value) not in [TYPES[t] for t in types]:
            bad.append(f"{command}: '{path}' is {value!r}, the manual says {' or '.join(types)}")
    for line in sorted(set(bad)):
        print(line)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
