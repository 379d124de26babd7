#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a table decides: reachable.py < `nft -j list table inet wharfwall`.

Prints the base chains and all that they lead to, each set with its elements, without counters,
times and handles.  Chains and sets that nothing leads to any more are left out: they decide nothing.
"""
import json
import sys

IGNORED = {"handle", "expires", "packets", "bytes", "comment"}


def plain(value):
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if key not in IGNORED}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def named(value):
    """Names of chains and sets in a statement: ("chain", name), ("set", name)."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key in ("jump", "goto"):
                yield "chain", item["target"]
            yield from named(item)
    elif isinstance(value, list):
        for item in value:
            yield from named(item)
    elif isinstance(value, str) and value.startswith("@"):
        yield "set", value[1:]


def reachable(text):
    """The lines, as one text."""
    if not text.strip():
        return "no table\n"
    lines = []
    things = json.loads(text)["nftables"]
    chains = {t["chain"]["name"]: t["chain"] for t in things if "chain" in t}
    sets = {t[kind]["name"]: t[kind] for t in things for kind in ("set", "map") if kind in t}
    rules = {}
    for thing in things:
        if "rule" in thing:
            rules.setdefault(thing["rule"]["chain"], []).append(thing["rule"]["expr"])
    todo = [("chain", name) for name, chain in chains.items() if "hook" in chain]
    seen = set(todo)
    while todo:
        kind, name = todo.pop()
        found = rules.get(name, []) if kind == "chain" else sets[name].get("elem", [])
        for item in named(found):
            if item not in seen:
                seen.add(item)
                todo.append(item)
    for kind, name in sorted(seen):
        what = chains[name] if kind == "chain" else sets[name]
        lines.append(json.dumps(plain(what), sort_keys=True))
        for rule in rules.get(name, []) if kind == "chain" else []:
            lines.append("    " + json.dumps(plain(rule), sort_keys=True))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(reachable(sys.stdin.read()))
